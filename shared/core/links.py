"""References that turned out to be one child. Who survives follows from the links alone, never from their order.

Of a family of linked references the one survives that none of them absorbed; of several, or of a circle, the smallest.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

Link = tuple[str, str]
"""(survivor, absorbed), as the dossier tells it. A link of a reference to itself says nothing."""


def survivors(links: Iterable[Link]) -> dict[str, str]:
    """Every reference that went up in another one, with the survivor of its family; never a chain."""
    links = set(links)
    absorbed = {gone for kept, gone in links if kept != gone}
    found: dict[str, str] = {}
    for members in _families(links):
        stays = min(members - absorbed or members)
        found |= dict.fromkeys(members - {stays}, stays)
    return found


def survivor(members: Collection[str], links: Iterable[Link]) -> str:
    """Of these references the one that survives, by the links between them; links to others do not count."""
    absorbed = {gone for kept, gone in links if kept != gone and kept in members}
    return min(set(members) - absorbed or members)


def family(ref: str, links: Iterable[Link]) -> set[str]:
    """Every reference that is the same child, the reference itself included."""
    return next((members for members in _families(links) if ref in members), {ref})


def beneath(ref: str, links: Iterable[Link]) -> set[str]:
    """The reference and everything it absorbed, also by way of others."""
    links, found = set(links), {ref}
    while more := {gone for kept, gone in links if kept in found} - found:
        found |= more
    return found


def _families(links: Iterable[Link]) -> Collection[set[str]]:
    family_of: dict[str, set[str]] = defaultdict(set)
    for pair in links:
        together = {*pair}.union(*(family_of[ref] for ref in pair))
        family_of.update(dict.fromkeys(together, together))
    return {id(members): members for members in family_of.values()}.values()
