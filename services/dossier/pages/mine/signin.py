"""Signing in as a pupil with the code of an invitation, and a new code for the next time."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.dossier.api.career.codes import make
from services.dossier.domain.career import invitations
from services.dossier.handlers.mine.signin import Redeem, redeem
from services.dossier.pages.mine.own import Pupil, as_owner, ref
from services.dossier.store.invitations import Redeemed
from services.dossier.store.invitations import of as invitations_of
from shared.core.actor import Actor, Role
from shared.core.clock import SystemClock
from shared.core.errors import Fault, Invalid
from shared.core.logging import get_logger
from shared.messaging.outbox import perform
from shared.web.auth import sign_in
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/mine")
NOBODY = Actor("", Role.PUPIL, "")
"""Who is asking before anybody is known: sees no row of anybody."""


@router.get("/signin")
async def ask(request: Request) -> Response:
    """The form for a code."""
    return render(request, "dossier/mine/signin.html", faults=())


@router.post("/signin")
async def enter(request: Request) -> Response:
    """Open a session with a code. A wrong code, a used one and an expired one get the same answer."""
    try:
        code = invitations.require_code(str((await request.form()).get("code", "")))
    except Invalid as error:
        return render(request, "dossier/mine/signin.html", 422, faults=error.faults)
    found = await _redeemed(request, code)
    if found.owner is None:
        return _refused(request, found)
    welcome = _("Welcome. Your code is used now. Make a new one before you stop, for the next time.")
    response = redirect(request, "/dossier/mine", welcome)
    actor = Actor(found.owner.vo_site, Role.PUPIL, found.owner.pupil_ref)
    sign_in(response, actor, request.app.state.keys, request.app.state.settings)
    return response


async def _redeemed(request: Request, code: str) -> Redeemed:
    state = request.app.state
    source = invitations.source_of(request.client.host if request.client else "")
    hashed = state.keys.digest("source", source).hex()
    command = Redeem(state.keys.digest("invitation", code), hashed, SystemClock().now())
    found: Redeemed = await perform(state.transport, NOBODY, redeem, command)
    return found


def _refused(request: Request, found: Redeemed) -> Response:
    if found.verdict == "too-many":
        get_logger(service="dossier").warning("signin_limited")
        text = _("Too many codes were tried. Wait a quarter of an hour and try again.")
        page = render(request, "dossier/mine/signin.html", 429, faults=[Fault("code", text, "too_many")])
        page.headers["Retry-After"] = str(int(invitations.WAIT.total_seconds()))
        return page
    text = _("This code can not be used. Is every letter right? Otherwise ask your mentor for a new code.")
    return render(request, "dossier/mine/signin.html", 422, faults=[Fault("code", text, "refused")])


@router.get("/code")
async def ask_code(request: Request, actor: Pupil) -> Response:
    """Whether there is a code for the next time."""
    async with as_owner(request, actor) as (conn, owner):
        held = (await invitations_of(conn, owner.vo_site, owner.cohort, [owner.pupil_ref])).get(owner.pupil_ref)
    is_open = held is not None and held.open(SystemClock().now())
    return render(request, "dossier/mine/code.html", held=held if is_open else None, made=None)


@router.post("/code")
async def make_code(request: Request, actor: Pupil) -> Response:
    """A new code, shown this once."""
    made = (await make(request, actor, [ref(actor)]))[ref(actor)]
    return render(request, "dossier/mine/code.html", held=None, made=made)
