"""Who may see what of the pupil, and who did."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.dossier import store
from services.dossier.domain.handover import LIVE
from services.dossier.handlers.mine.sharing import Written, written
from services.dossier.pages import reading
from services.dossier.pages.mine import words
from services.dossier.pages.mine.own import Pupil, as_owner
from services.dossier.pages.reading import Card, Names, Situation
from services.dossier.store import career, transfer
from shared.core.clock import civil_date
from shared.schemas.dossiers import HandoverStatus
from shared.web.pages import render
from shared.web.texts import gettext as _
from shared.web.texts import moment
from shared.web.words import ROLES

router = APIRouter(prefix="/mine")


@router.get("/readers")
async def show(request: Request, actor: Pupil) -> Response:
    """The table of who may see what, and under it every reading, newest first."""
    today = civil_date(request.app.state.settings.clock.now())
    async with as_owner(request, actor) as (conn, owner):
        card = await reading.card(conn, owner.vo_site, owner.pupil_ref)
        now = await reading.situation(conn, card, today)
        found = await written(conn, owner)
        accesses = await store.accesses(conn, owner.vo_site, [h.handover_id for h in card.handovers])
        readings = await career.readings(conn, owner)
        care = await transfer.care_readings(conn, transfer.Place(owner.vo_site, owner.cohort, owner.pupil_ref))
        codes = {owner.vo_site, *(a.mbo_institution for a in card.applications), *(a.organisation for a in accesses)}
        codes |= {h.mbo_institution for h in card.handovers} | (
            {now.custodian["organisation"]} if now.custodian else set()
        )
        names = Names(await store.organisations(conn, codes))
    school = names.organisation(owner.vo_site)
    log = [*_by_others(accesses, names), *_by_school(readings, school), *_of_care(care, school)]
    return render(
        request,
        "dossier/mine/readers.html",
        rows=[*_rows(card, now, found, names)],
        log=sorted(log, key=lambda line: line["at"], reverse=True),
    )


def _rows(card: Card, now: Situation, found: Written, names: Names) -> Iterator[dict[str, Any]]:
    """Organisation, what, since and why."""
    yield {
        "who": names.organisation(card.pupil.vo_site),
        "what": _("What the school knows of you. Your mentor and careers adviser also read what you write here."),
        "since": None,
        "why": _("Your school guides you to your next school."),
    }
    handed = {h.mbo_institution: h for h in card.handovers if h.status in LIVE}
    for institution in dict.fromkeys([*handed, *(a.mbo_institution for a in card.applications)]):
        handover = handed.get(institution)
        applied = min((a.status_at for a in card.applications if a.mbo_institution == institution), default=None)
        yield {
            "who": names.organisation(institution),
            "what": _handed(handover, found) if handover else _("Your application."),
            "since": handover.offered_at if handover else applied,
            "why": _("You applied there. The law lets your school pass on what is needed to guide you.")
            if handover
            else _("You applied there."),
        }
    holder = now.custodian and now.custodian["organisation"]
    if holder and holder not in {card.pupil.vo_site, *handed}:
        yield {
            "who": names.organisation(holder),
            "what": _("Who you are, and where you are between your schools."),
            "since": now.since,
            "why": _("They help when somebody has no school yet. That is their task by law."),
        }


def _handed(handover: Any, found: Written) -> str:
    if handover.status is HandoverStatus.OFFERED:
        return _("Nothing yet: the dossier is offered, but nobody there has opened it.")
    named = [category(code) for code in handover.categories if code not in handover.withheld]
    named += [category(part) for part, held in (("pupil", found.pupil), ("plus", found.plus)) if held.shared_at]
    named += [_("File: %(title)s", title=file.title) for file in found.files if file.shared_at]
    text = "; ".join(named)
    return text[:1].upper() + text[1:]


def category(code: str) -> str:
    """A part of a dossier, said to the pupil."""
    return _(words.CATEGORIES.get(code, code))


def _by_others(accesses: Sequence[store.Access], names: Names) -> Iterator[dict[str, Any]]:
    for access in accesses:
        what = ", ".join(category(code) for code in access.categories)
        yield _line(access.at, access.role, names.organisation(access.organisation), what)


def _by_school(readings: Sequence[career.Reading], school: str) -> Iterator[dict[str, Any]]:
    for one in readings:
        yield _line(one.at, one.role, school, ", ".join(category(part) for part in one.parts))


def _of_care(readings: Sequence[transfer.CareReading], school: str) -> Iterator[dict[str, Any]]:
    for one in readings:
        yield _line(one.at, one.role, school, category(one.category))


def _line(at: Any, role: str, organisation: str, what: str) -> dict[str, Any]:
    text = _(
        "On %(when)s the %(role)s of %(organisation)s looked at: %(what)s.",
        when=moment(at),
        role=_(ROLES.get(role, role)),
        organisation=organisation,
        what=what,
    )
    return {"at": at, "text": text}
