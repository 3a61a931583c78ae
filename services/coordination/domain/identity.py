"""Which references are one child. The same for any order in which links and erasures arrive."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

Link = tuple[str, str]
"""(survivor, absorbed)"""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a child: itself, or one of several."""

    pupil_ref: str
    root: str
    """The reference that survives; under it the child's transitions live."""
    erased: bool = False
    name: str | None = None
    """Name of the child, on the surviving reference."""


def component(ref: str, links: Iterable[Link]) -> set[str]:
    """Every reference that is the same child."""
    found, edges = {ref}, set(links)
    while touching := {link for link in edges if found & set(link)}:
        edges -= touching
        found.update(r for link in touching for r in link)
    return found


def survivor(members: Collection[str], links: Iterable[Link]) -> str:
    """Of these, the reference that none of them absorbs; of several, or of none, the smallest."""
    absorbed = {b for a, b in links if a in members and b in members}
    return min(set(members) - absorbed or members)


def beneath(ref: str, links: Iterable[Link]) -> set[str]:
    """The reference and everything it absorbed, also by way of others."""
    found, edges = {ref}, set(links)
    while more := {b for a, b in edges if a in found} - found:
        found |= more
    return found
