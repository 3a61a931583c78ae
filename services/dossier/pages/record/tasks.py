"""What must be done for one pupil: a list of parts, each with how far it is and where to go on."""

from collections.abc import Iterator
from typing import Any

from services.dossier.domain.handover import LIVE
from services.dossier.domain.progress import ENDED, may_receive
from services.dossier.pages.reading import Card
from shared.web.texts import gettext as _

OPEN, BUSY, DONE, NOT_NEEDED = "new", "busy", "done", "neutral"
"""Kinds of tag."""


def tasks(card: Card) -> list[dict[str, Any]]:
    """The list for the template: title, where it leads, state in words and its kind."""
    return [*_road(card)]


def _road(card: Card) -> Iterator[dict[str, Any]]:
    path = f"/dossier/pupils/{card.pupil.pupil_ref}"
    chosen = sum(not choice.withdrawn for choice in card.choices)
    alive = [one for one in card.applications if one.status not in ENDED]
    offered = [one for one in card.handovers if one.status in LIVE]
    yield _task(_("Choice"), f"{path}/choice" if not chosen else "#choices", _done(chosen))
    yield _task(_("Application"), "#applications", _done(len(alive)))
    if offered:
        handed = _("Done"), DONE
    elif may_receive(card.applications, card.handovers):
        handed = _("To do"), OPEN
    else:
        handed = _("Not possible yet"), NOT_NEEDED
    yield _task(_("Check and hand over"), "#handovers" if offered else f"{path}/handover", handed)


def _task(title: str, href: str, state: tuple[str, str]) -> dict[str, Any]:
    return {"title": title, "href": href, "state": state[0], "kind": state[1]}


def _done(n: int) -> tuple[str, str]:
    return (_("Done"), DONE) if n else (_("To do"), OPEN)
