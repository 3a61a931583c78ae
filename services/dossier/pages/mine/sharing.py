"""The pupil decides: one question at a time, with two answers that weigh the same."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.dossier import store
from services.dossier.domain.handover import LIVE
from services.dossier.handlers.mine.sharing import Share, Written, share, written
from services.dossier.pages.mine.own import Pupil, as_owner, load, ref
from services.dossier.pages.reading import Names
from shared.core.clock import civil_date
from shared.core.errors import NotFound
from shared.core.reference.calendar import age_on
from shared.messaging.outbox import perform
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/mine/sharing")
OF_AGE = 16
"""From this age somebody decides alone about their own data (AVG art. 8, UAVG art. 5)."""


@router.get("")
async def show(request: Request, actor: Pupil) -> Response:
    """Every item with what the pupil decided."""
    found = await load(request, actor)
    return render(request, "dossier/mine/sharing.html", items=_items(found))


@router.get("/{item}")
async def ask(request: Request, actor: Pupil, item: str) -> Response:
    """One question about one item."""
    today = civil_date(request.app.state.settings.clock.now())
    async with as_owner(request, actor) as (conn, owner):
        asked = _item(await written(conn, owner), item)
        (pupil,) = await store.pupils(conn, owner.vo_site, owner.cohort, owner.pupil_ref)
        handed = (await store.handovers(conn, owner.vo_site, [owner.pupil_ref]))[owner.pupil_ref]
        to = [h.mbo_institution for h in handed if h.status in LIVE and h.cohort == owner.cohort]
        names = Names(await store.organisations(conn, to))
    return render(
        request,
        "dossier/mine/share.html",
        asked=asked,
        readers=[names.organisation(code) for code in dict.fromkeys(to)],
        young=age_on(pupil.birth_date, today) < OF_AGE,
    )


@router.post("/{item}")
async def answer(request: Request, actor: Pupil, item: str) -> Response:
    """Yes or no. The opposite answer is always one button away."""
    asked = _item(await load(request, actor), item)
    shared = (await request.form()).get("answer") == "yes"
    await perform(request.app.state.transport, actor, share, Share(ref(actor), item, shared))
    said = _("You share: %(what)s.") if shared else _("Not shared: %(what)s.")
    undo = Undo(f"/dossier/mine/sharing/{item}", {"answer": "no" if shared else "yes"})
    return redirect(
        request, "/dossier/mine/sharing", said % {"what": asked["title"]}, undo if shared != asked["shared"] else None
    )


def _items(found: Written) -> list[dict[str, Any]]:
    """What there is to decide about; an empty part is nothing to share."""
    parts = (("pupil", _("My loopbaandossier"), found.pupil), ("plus", _("My plusdocument"), found.plus))
    held = [(key, title, progress.shared_at) for key, title, progress in parts if progress.items]
    held += [(f.file_id, _("File: %(title)s", title=f.title), f.shared_at) for f in found.files]
    return [{"key": key, "title": title, "since": at, "shared": at is not None} for key, title, at in held]


def _item(found: Written, key: str) -> dict[str, Any]:
    item = next((one for one in _items(found) if one["key"] == key), None)
    if item is None:
        raise NotFound("nothing to share")
    return item
