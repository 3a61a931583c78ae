"""What is known of the pupil: who helps now, what comes next, what must still be done."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.dossier.domain.career import Owner
from services.dossier.handlers.mine.sharing import Written, written
from services.dossier.pages import reading
from services.dossier.pages.mine import words
from services.dossier.pages.mine.own import Pupil, as_owner
from services.dossier.pages.reading import Names, Situation
from services.dossier.store import invitations
from shared.core.clock import SystemClock, civil_date
from shared.web.pages import render
from shared.web.texts import gettext as _
from shared.web.texts import in_words
from shared.web.words import APPLICATIONS, HANDOVERS, OUTCOMES, action, programme

router = APIRouter(prefix="/mine")


@router.get("")
async def show(request: Request, actor: Pupil) -> Response:
    """Everything at a glance."""
    today = civil_date(request.app.state.settings.clock.now())
    async with as_owner(request, actor) as (conn, owner):
        card = await reading.card(conn, owner.vo_site, owner.pupil_ref)
        now = await reading.situation(conn, card, today)
        names = await reading.names(conn, owner.vo_site, now)
        found = await written(conn, owner)
        codes = await invitations.of(conn, owner.vo_site, owner.cohort, [owner.pupil_ref])
    return render(
        request,
        "dossier/mine/home.html",
        card=card,
        pupil=card.pupil,
        names=names,
        custodian=names.holder(now.custodian) if now.custodian else None,
        following=_following(names, now),
        closed=now.outcome is not None,
        tasks=[*_tasks(found, _has_code(owner, codes))],
        chosen=[choice for choice in card.choices if not choice.withdrawn],
        words={"applications": APPLICATIONS, "outcomes": OUTCOMES, "handovers": HANDOVERS, "programme": programme},
    )


def _has_code(owner: Owner, codes: dict[str, invitations.Invitation]) -> bool:
    held = codes.get(owner.pupil_ref)
    return held is not None and held.open(SystemClock().now())


def _following(names: Names, now: Situation) -> str | None:
    """What comes next, who does it, and before when."""
    if not now.action:
        return None
    due = in_words(datetime.fromisoformat(now.action["due_at"]))
    who = names.holder(now.action["owner"])
    return _("%(what)s. Who does this: %(who)s. Before %(due)s.", what=_what(now.action["kind"]), who=who, due=due)


def _what(kind: str) -> str:
    return _(words.NEXT[kind]) if kind in words.NEXT else action(kind)


def _tasks(found: Written, has_code: bool) -> Iterator[dict[str, Any]]:
    for path, title, part, progress in (
        ("career", _("My loopbaandossier"), "pupil", found.pupil),
        ("plus", _("My plusdocument"), "plus", found.plus),
    ):
        text, kind = words.STATES[progress.state(part)]  # type: ignore[arg-type]
        yield {"title": title, "href": f"/dossier/mine/{path}", "state": _(text), "kind": kind}
    parts = (found.pupil, found.plus)
    shared = sum(at is not None for at in [*(p.shared_at for p in parts), *(f.shared_at for f in found.files)])
    items = sum(part.items > 0 for part in parts) + len(found.files)
    state = _("You share %(n)s of %(items)s", n=shared, items=items) if items else _("Nothing to share yet")
    yield {"title": _("Decide what you share"), "href": "/dossier/mine/sharing", "state": state, "kind": "neutral"}
    code = (_("You have a code"), "done") if has_code else (_("To do"), "new")
    yield {"title": _("A code for the next time"), "href": "/dossier/mine/code", "state": code[0], "kind": code[1]}
