"""What must be done for one pupil: a list of parts, each with how far it is and where to go on."""

from collections.abc import Iterator
from typing import Any

from services.dossier.domain.career import PartState
from services.dossier.domain.handover import LIVE
from services.dossier.domain.progress import ENDED, WITH_EXAM, may_receive
from services.dossier.pages.reading import Card
from services.dossier.pages.talks.words import STATUSES
from services.dossier.pages.transfer.words import PARTS, STATES
from services.dossier.pages.year_end.words import RESULTS
from services.dossier.pages.year_end.words import STATUSES as ROUTE_STATUSES
from shared.web.texts import gettext as _
from shared.web.texts import marked

State = tuple[str, str]
TO_DO: State = (marked("To do"), "new")
DONE: State = (marked("Done"), "done")
NOT_YET: State = (marked("Not possible yet"), "neutral")
NOTHING: State = (marked("None"), "neutral")
OWN = ("pupil", "plus")
"""Parts that the pupil writes."""


def tasks(card: Card) -> list[dict[str, Any]]:
    """The list for the template: title, where it leads, state in words and the kind of its tag."""
    path = f"/dossier/pupils/{card.pupil.pupil_ref}"
    return [
        {
            "title": title,
            "href": href if href.startswith("#") else f"{path}{href}",
            "state": _(state[0]),
            "kind": state[1],
        }
        for title, href, state in (*_road(card), *_dossier(card), *_handing_over(card), *_end(card))
    ]


def _road(card: Card) -> Iterator[tuple[str, str, State]]:
    chosen = any(not choice.withdrawn for choice in card.choices)
    alive = any(one.status not in ENDED for one in card.applications)
    yield _("Choice"), "#choices" if chosen else "/choice", DONE if chosen else TO_DO
    yield _("Application"), "#applications", DONE if alive else TO_DO


def _dossier(card: Card) -> Iterator[tuple[str, str, State]]:
    for part in ("pupil", "mentor", "care", "plus"):
        if part != "plus" or card.parts[part] is not PartState.NOT_APPLICABLE:
            yield _(PARTS[part]), "/career" if part in OWN else "/parts", STATES[card.parts[part]]


def _handing_over(card: Card) -> Iterator[tuple[str, str, State]]:
    told = card.preparation.informed_on is not None
    yield _("Inform before handing over"), "/informing", DONE if told else NOTHING if card.known.informed else TO_DO
    objects = bool(card.preparation.withheld)
    yield _("Objections"), "/objections", (marked("Part withheld"), "escalated") if objects else NOTHING
    if any(one.status in LIVE for one in card.handovers):
        yield _("Check and hand over"), "#handovers", DONE
    else:
        open_now = may_receive(card.applications, card.handovers)
        yield _("Check and hand over"), "/handover", TO_DO if open_now else NOT_YET


def _end(card: Card) -> Iterator[tuple[str, str, State]]:
    if card.talks:
        yield _("Warm handover"), "#year-end", STATUSES[card.talks[-1].status]
    if card.exam:
        yield _("Exam result"), "/exam", RESULTS[card.exam.result]
    elif card.pupil.track in WITH_EXAM:
        yield _("Exam result"), "/exam", TO_DO if card.known.exam_missing else NOT_YET
    yield _("Other route"), "/route", ROUTE_STATUSES[card.route.status] if card.route else NOTHING
