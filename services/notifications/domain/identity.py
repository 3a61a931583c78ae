"""Two references may be one child. Which one stays is decided by the links alone, never by their order of arrival."""

from collections import defaultdict
from collections.abc import Iterable

Link = tuple[str, str]
"""(absorbed, survivor) as the dossier told it."""


def survivors(links: Iterable[Link]) -> dict[str, str]:
    """Every reference that went up in another one, with the one that stays for its whole family.

    The one that was never absorbed stays; of several, or when links run in a circle, the smallest.
    """
    links = {(absorbed, survivor) for absorbed, survivor in links if absorbed != survivor}
    absorbed_ones = {absorbed for absorbed, _ in links}
    found: dict[str, str] = {}
    for family in _families(links):
        stays = min(family - absorbed_ones or family)
        found |= dict.fromkeys(family - {stays}, stays)
    return found


def _families(links: Iterable[Link]) -> Iterable[set[str]]:
    family_of: dict[str, set[str]] = defaultdict(set)
    for pair in links:
        together = {*pair}.union(*(family_of[ref] for ref in pair))
        family_of.update(dict.fromkeys(together, together))
    return {id(family): family for family in family_of.values()}.values()
