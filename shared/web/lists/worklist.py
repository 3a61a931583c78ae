"""A work list as data, and what of it answers to what is asked."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from starlette.datastructures import QueryParams

from shared.web.lists.asked import Asked
from shared.web.texts import gettext as _

R = TypeVar("R")
SHOWN = 10
"""Rows of a group before somebody asks for all of them."""
PER_PAGE = 100
"""Rows of a group on one page, once it is shown in full."""


@dataclass(frozen=True, slots=True)
class Facet(Generic[R]):
    """One thing a list is filtered by. Several values: any of them; several facets: all of them."""

    name: str
    """As in the address of the page."""
    label: str
    value: Callable[[R], str]
    """The value of a row; empty: it has none."""
    text: Callable[[str], str] = str
    """A value in words."""
    order: Sequence[str] = ()
    """The order of the values; those that are not in it come after, the most frequent first."""
    everything: str = ""
    """What the choice of no value is called: then one value can be chosen, from a list. Empty: boxes, for several."""


@dataclass(frozen=True, slots=True)
class View(Generic[R]):
    """A standard view: a tab above the list."""

    name: str
    label: str
    holds: Callable[[R], bool] = lambda _row: True


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that ask for the same thing."""

    key: str
    title: str
    text: str
    tick: bool = False
    """Whether its rows can be ticked, for what is done with several at once."""


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """A column of the CSV file."""

    head: str
    value: Callable[[R], str]


@dataclass(frozen=True, slots=True)
class WorkList(Generic[R]):
    """A list with everything it holds for one actor. Labels and texts are in Dutch already (``_(...)``)."""

    page: str
    """Under which its views are kept and its exports logged, such as ``intake-worklist``."""
    home: str
    title: str
    template: str
    rows: Sequence[R]
    """Every row the actor may see, in the order in which they are shown."""
    facets: Sequence[Facet[R]]
    groups: Sequence[Group]
    """Most urgent first."""
    group: Callable[[R], str]
    """The key of the group of a row."""
    searched: Callable[[R], str]
    """What a search looks in."""
    columns: Sequence[Column[R]]
    count: Callable[[int], str]
    """``38 leerlingen``"""
    search_label: str
    views: Sequence[View[R]] = ()
    caption: str = ""
    """Whose list it is; empty: of the organisation that is signed in."""
    nothing: str = ""
    """What is said when there is nothing at all."""
    line: Callable[[R], Any] = lambda row: row
    """A row as the template shows it."""
    bulk: str = ""
    """Where the rows that are ticked are sent; empty: nothing is done with several rows at once."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """What else the template needs."""

    @property
    def names(self) -> frozenset[str]:
        """Names of the filters."""
        return frozenset(facet.name for facet in self.facets)

    def asked(self, query: QueryParams, text: str = "") -> Asked:
        """What an address asks of this list; a view that is not there is the first."""
        asked = Asked.read(self.home, query, self.names, text)
        known = {view.name for view in self.views[1:]}
        return asked if asked.view in known else replace(asked, view="")

    def in_view(self, asked: Asked) -> list[R]:
        """The rows of the view that is asked for."""
        view = next((view for view in self.views if view.name == asked.view), None) or next(iter(self.views), None)
        return [row for row in self.rows if view.holds(row)] if view else list(self.rows)

    def found(self, asked: Asked) -> list[R]:
        """The rows that answer to everything that is asked."""
        return self._passing(self.in_view(asked), asked)

    def options(self, facet: Facet[R], asked: Asked) -> list[tuple[str, str, int]]:
        """The values of a filter that occur in the view: (value, words, rows it finds beside the other filters)."""
        rows = self.in_view(asked)
        counted = Counter(facet.value(row) for row in self._passing(rows, asked, but=facet.name))
        values = {value for row in rows if (value := facet.value(row))} | asked.values(facet.name)
        known = {value: counted[value] for value in values}
        place = {value: n for n, value in enumerate(facet.order)}

        def by(value: str) -> tuple[int, int, str]:
            return place.get(value, len(place)), -known[value], facet.text(value)

        return [(value, facet.text(value), known[value]) for value in sorted(known, key=by)]

    def chips(self, asked: Asked) -> list[dict[str, str]]:
        """The chosen filters, each with the address of the list without it."""
        return [
            {"label": facet.label, "value": facet.text(value), "href": asked.without(facet.name, value).href}
            for facet in self.facets
            for value in sorted(asked.values(facet.name))
        ]

    def as_file(self, rows: Iterable[R]) -> list[dict[str, str]]:
        """Rows as they go into the CSV file."""
        return [{column.head: column.value(row) for column in self.columns} for row in rows]

    def _passing(self, rows: Iterable[R], asked: Asked, but: str = "") -> list[R]:
        wanted = asked.text.casefold()
        filters = [
            (facet.value, values) for facet in self.facets if facet.name != but and (values := asked.values(facet.name))
        ]
        return [
            row
            for row in rows
            if all(value(row) in values for value, values in filters)
            and (not wanted or wanted in self.searched(row).casefold())
        ]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A group as it stands on the page."""

    key: str
    title: str
    text: str
    tick: bool
    lines: Sequence[Any]
    n: int
    """How many rows it has; `lines` may hold fewer."""
    page: int
    pages: int


def shelves(work: WorkList[R], found: Iterable[R], asked: Asked) -> list[Shelf]:
    """The rows that were found in their groups; empty groups are left out, and of long ones the first rows stand."""
    by_key: dict[str, list[R]] = {group.key: [] for group in work.groups}
    for row in found:
        by_key[work.group(row)].append(row)
    return [_shelf(work, group, rows, asked) for group in work.groups if (rows := by_key[group.key])]


def _shelf(work: WorkList[R], group: Group, rows: Sequence[R], asked: Asked) -> Shelf:
    pages, page, shown = 1, 1, rows[:SHOWN]
    if group.key == asked.whole:
        pages = -(-len(rows) // PER_PAGE)
        page = min(asked.page, pages)
        shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    lines = [work.line(row) for row in shown]
    return Shelf(group.key, group.title, group.text, group.tick, lines, len(rows), page, pages)


def why_empty(work: WorkList[R], asked: Asked) -> dict[str, str]:
    """Why there is nothing to show, and what to do next."""
    if asked.chosen or asked.text:
        return {"text": _("Nothing with these filters."), "href": asked.plain.href, "link": _("Clear all filters")}
    for n, view in enumerate(work.views):
        if any(view.holds(row) for row in work.rows):
            href = Asked(work.home, view.name if n else "").href
            return {"text": _("Nothing in this view."), "href": href, "link": _("To: %(view)s", view=view.label)}
    return {"text": work.nothing or _("There is nothing in this list yet."), "href": "", "link": ""}
