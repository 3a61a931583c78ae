"""The inbox as a list: which alerts are wanted, in which group they stand, and how often each filter would match."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from services.notifications.pages import words
from services.notifications.store.reading import Row
from shared.core.clock import civil_date
from shared.web.texts import gettext as _
from shared.web.texts import in_short, marked

VIEWS = ("mine", "all", "done")
FIRST_ROWS = 10
"""Rows of a group that are shown before somebody asks for all of them."""
URGENT_DAYS = 2
"""Working days left from which a row is urgent."""
FILTERS: Mapping[str, Callable[[Row], str]] = {
    "rule": lambda row: row.rule,
    "severity": lambda row: row.severity,
    "status": lambda row: status(row),
    "municipality": lambda row: row.municipality or "",
}


ORDER: Mapping[str, Iterable[str]] = {"severity": words.SEVERITIES, "status": words.STATUSES}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: the filters stand in the address of the page, a name that is searched for does not."""

    view: str = "mine"
    text: str = ""
    chosen: frozenset[tuple[str, str]] = frozenset()
    """(filter, value)"""
    whole: str = ""
    """The group of which every row is shown."""

    @classmethod
    def read(cls, query: QueryParams, text: str = "") -> "Wanted":
        """From the query of an address and a posted search; what is unknown or empty counts as absent."""
        view = query.get("view", "mine")
        chosen = {(name, value) for name, value in query.multi_items() if name in FILTERS and value}
        return cls(view if view in VIEWS else "mine", text, frozenset(chosen), query.get("show", ""))

    def values(self, name: str) -> set[str]:
        """Chosen values of one filter."""
        return {value for one, value in self.chosen if one == name}

    @property
    def query(self) -> str:
        """The filters as a query string, without the question mark."""
        pairs = [("view", self.view), *sorted(self.chosen), ("show", self.whole)]
        return urlencode([(name, value) for name, value in pairs if value])

    def without(self, name: str, value: str) -> "Wanted":
        """The same with one filter less."""
        return replace(self, chosen=self.chosen - {(name, value)}, whole="")

    def matches(self, row: Row) -> bool:
        """Whether a row passes the search and every filter of which something was chosen."""
        found = self.text.casefold() in words.name(row.first_name, row.prefix, row.last_name).casefold()
        return found and all(
            not (values := self.values(name)) or value_of(row) in values for name, value_of in FILTERS.items()
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stands on the page."""

    alert_id: str
    name: str
    who: str
    signal: str
    severity: str
    road: str
    status: str
    status_text: str
    since: str
    days: int | None
    due: date | None
    owner: str
    urgent: bool
    action: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that ask for the same thing."""

    key: str
    title: str
    text: str
    lines: Sequence[Line]
    n: int
    """How many there are; `lines` may hold fewer."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names of organisations and of the actor's own colleagues."""

    organisations: Mapping[str, str]
    people: Mapping[str, str]


def status(row: Row) -> str:
    """The status of a row, as one of four words."""
    if row.status == "resolved":
        return "done"
    if row.status == "acknowledged":
        return "busy"
    return "escalated" if row.step > 1 else "new"


GROUPS = {
    "late": (marked("Term ends"), marked("You must respond within 2 working days, or the date has passed.")),
    "new": (marked("New, not confirmed yet"), marked("Oldest first.")),
    "busy": (marked("In progress"), marked("Confirmed, not finished yet.")),
    "done": (marked("Finished"), marked("Newest first.")),
}


def group_of(line: Line) -> str:
    """What a row asks for."""
    if line.urgent:
        return "late"
    return "new" if line.status == "escalated" else line.status


def groups(lines: Iterable[Line], whole: str) -> list[Group]:
    """The rows in groups, most urgent first; empty groups are left out."""
    found: dict[str, list[Line]] = {key: [] for key in GROUPS}
    for line in lines:
        found[group_of(line)].append(line)
    found["late"].sort(key=lambda line: line.due or date.max)
    return [
        Group(key, _(GROUPS[key][0]), _(GROUPS[key][1]), rows if key == whole else rows[:FIRST_ROWS], len(rows))
        for key, rows in found.items()
        if rows
    ]


def line(row: Row, names: Names, today: date) -> Line:
    """A row in words."""
    now, due = status(row), civil_date(row.due_at) if row.due_at else None
    days = words.working_days(today, due) if due else None
    road = (
        words.origin(row.origin, row.track, names.organisations),
        words.destination(row.destination, row.level, names.organisations),
    )
    return Line(
        row.alert_id,
        words.name(row.first_name, row.prefix, row.last_name),
        words.age_and_place(row.birth_date, row.municipality, today),
        words.rule(row.rule),
        _(words.SEVERITIES[row.severity]),
        " → ".join(road),
        now,
        _(words.STATUSES[now]),
        _since(row),
        days,
        due,
        names.people.get(row.person_ref or "", words.role(row.role)),
        now != "done" and days is not None and days <= URGENT_DAYS,
        {"busy": "resolve", "done": ""}.get(now, "acknowledge"),
    )


def _since(row: Row) -> str:
    at = row.resolved_at or row.acknowledged_at or row.raised_at
    return _("since %(day)s", day=in_short(at))


def facet(rows: Sequence[Row], name: str, text: Callable[[str], str]) -> list[tuple[str, str, int]]:
    """The values of one filter that occur, in words, with how often: in their own order, else most frequent first."""
    counted = Counter(FILTERS[name](row) for row in rows)
    order = [*ORDER.get(name, ())]

    def place(value: str) -> tuple[int, int, str]:
        return (order.index(value) if value in order else len(order), -counted[value], text(value))

    return [(value, text(value), counted[value]) for value in sorted(counted, key=place) if value]
