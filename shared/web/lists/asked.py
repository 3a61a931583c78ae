"""What somebody asks of a list: its address, and beside that what is searched for."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

VIEW, WHOLE, PAGE, TICK = "view", "show", "page", "tick"
"""Names in the address that are no filter."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The address of a list holds all of this but the text: what is searched for is a name, and stays out of it."""

    home: str
    """Address of the list without filters, such as ``/intake/``."""
    view: str = ""
    """One of the standard views; empty: the first."""
    chosen: frozenset[tuple[str, str]] = frozenset()
    """(filter, value)"""
    text: str = ""
    whole: str = ""
    """The group of which every row is shown, in pages."""
    page: int = 1
    ticked: frozenset[str] = frozenset()
    """Groups of which every row that is shown is ticked."""

    @classmethod
    def read(cls, home: str, query: QueryParams, names: Collection[str], text: str = "") -> "Asked":
        """From an address; only filters with these `names` are known, and what is empty counts as absent."""
        chosen = frozenset((name, value[:100]) for name, value in query.multi_items() if name in names and value)
        number = query.get(PAGE, "")
        page = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
        ticked = frozenset(query.getlist(TICK))
        return cls(home, query.get(VIEW, ""), chosen, text, query.get(WHOLE, ""), page, ticked)

    def values(self, name: str) -> set[str]:
        """Chosen values of one filter."""
        return {value for one, value in self.chosen if one == name}

    @property
    def query(self) -> str:
        """View and filters as a query string without its question mark: what a saved view keeps."""
        return urlencode([(name, value) for name, value in [(VIEW, self.view), *sorted(self.chosen)] if value])

    @property
    def href(self) -> str:
        """Address of the list as asked, from its first page, with nothing ticked."""
        query = "&".join(part for part in (self.query, urlencode({WHOLE: self.whole}) if self.whole else "") if part)
        return f"{self.home}?{query}" if query else self.home

    @property
    def plain(self) -> "Asked":
        """The same view without filters, and nothing searched for."""
        return Asked(self.home, self.view)

    def without(self, name: str, value: str) -> "Asked":
        """The same with one filter less, groups in short."""
        return replace(self, chosen=self.chosen - {(name, value)}, whole="")

    def of_group(self, key: str, page: int = 1) -> str:
        """Address at which a group stands in full, at one of its pages."""
        address = replace(self, whole=key).href
        return f"{address}{f'&{PAGE}={page}' if page > 1 else ''}#{key}"

    def with_ticks(self, key: str) -> str:
        """Address of what is shown now, with every row of one more group ticked."""
        ticks = urlencode([(TICK, one) for one in sorted(self.ticked | {key})])
        page = f"&{PAGE}={self.page}" if self.page > 1 else ""
        return f"{self.href}{'&' if '?' in self.href else '?'}{ticks}{page}#{key}"
