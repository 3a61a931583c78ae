"""One move at a time: a form of its own, what came in between, and taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.intake.api.decisions import make_decision
from services.intake.api.enrolments import tell_of
from services.intake.api.intakes import move
from services.intake.domain import switch as switching
from services.intake.domain.access import FOLLOWERS, WRITERS, check_access
from services.intake.domain.steps import Says, last_one
from services.intake.pages.application.forms import FORMS, Field, MoveForm
from services.intake.pages.application.shown import filled, pairs_of
from services.intake.pages.place import place
from services.intake.pages.words import DECISIONS, EVERYTHING
from services.intake.store import views
from services.intake.store.steps import Entity
from services.intake.store.views import Case
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.core.errors import Fault, IllegalMove, Invalid, NotFound, Stale
from shared.core.ids import new_id
from shared.web import texts
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _
from shared.web.words import APPLICATIONS, ROLES

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]
Kind = Entity | Literal["application"]
WHO: dict[Kind, frozenset[Role]] = {
    "application": WRITERS,
    "intake": WRITERS,
    "enrolment": FOLLOWERS,
    "switch": FOLLOWERS,
    "absence": FOLLOWERS,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A form as it is shown: what was filled in, and what is wrong with it."""

    given: dict[str, Any]
    version: int
    faults: Sequence[Fault] = ()
    between: str = ""
    """Who changed it while somebody filled this in, and when; empty: nobody did."""


@router.get("/{application_id}/{name}")
async def show(application_id: str, name: str, request: Request, actor: Person) -> Response:
    """The form of one move."""
    form, case, key = await _asked(request, actor, (application_id, name), str(request.query_params.get("key", "")))
    found = None if form.entity == "application" else case.state(form.entity, key)
    return _page(request, form, case, key, Shown({"key": key, **filled(found)}, case.version(form.entity, key)))


@router.post("/{application_id}/application-undone")
@router.post("/{application_id}/intake-undone")
@router.post("/{application_id}/enrolment-undone")
@router.post("/{application_id}/switch-undone")
async def undo(application_id: str, request: Request, actor: Person) -> Response:
    """Take the last step back, unless something was told since."""
    form = await request.form()
    entity: Any = request.url.path.rpartition("/")[2].removesuffix("-undone")
    what = "undo", None, _version(form)
    try:
        await tell(request, actor, (entity, application_id, str(form.get("key", ""))), what)
        message = _("It is taken back, and stands as it stood before.")
    except Stale:
        message = _("It is not taken back: somebody else told something since.")
    except IllegalMove:
        message = _("It can not be taken back. Put it right instead.")
    return redirect(request, f"/intake/applications/{application_id}{place(request)}", message)


@router.post("/{application_id}/decisions")
async def decision(application_id: str, request: Request, actor: Person) -> Response:
    """Decide on the application, where that needs no reason."""
    form = await request.form()
    name: Any = str(form.get("move", ""))
    if name not in DECISIONS:
        raise NotFound(name)
    here = f"/intake/applications/{application_id}{place(request)}"
    try:
        version = await tell(request, actor, ("application", application_id, ""), (name, None, _version(form)))
    except (Stale, IllegalMove):
        return redirect(request, here, _("This was not saved: somebody else told something since."))
    undo = _undo(application_id, ("application", ""), version) if name != "undo" else None
    return redirect(request, here, _("The decision is recorded."), undo)


@router.post("/{application_id}/placement")
async def placement(application_id: str, request: Request, actor: Person) -> Response:
    """Place for good who was placed for the time being."""
    what = "place", None, _version(await request.form())
    try:
        version = await tell(request, actor, ("intake", application_id, ""), what)
    except Stale:
        message = _("This was not saved: somebody else told something since.")
        return redirect(request, f"/intake/applications/{application_id}{place(request)}", message)
    undo = _undo(application_id, ("intake", ""), version)
    return redirect(
        request, f"/intake/applications/{application_id}{place(request)}", _("The placement is definite."), undo
    )


@router.post("/{application_id}/{name}")
async def save(application_id: str, name: str, request: Request, actor: Person) -> Response:
    """Make the move; what is wrong, or what came in between, is shown with what was filled in."""
    given = await request.form()
    form, case, key = await _asked(request, actor, (application_id, name), str(given.get("key", "")))
    typed = {field.name: str(given.get(field.name, "")) for field in form.fields}
    try:
        model = parse(form.model, given)
        if form.entity == "switch" and not key:
            key = switching.key_of(application_id, str(new_id()))
        version = await tell(request, actor, (form.entity, application_id, key), (*form.said(model), _version(given)))
    except Invalid as error:
        faults = [Fault("key", f.expected, f.code) if f.where == "report_number" else f for f in error.faults]
        return _page(request, form, case, key, Shown(typed, _version(given), faults))
    except Stale as stale:
        return _page(request, form, case, key, Shown(typed, stale.version, (), between(stale)))
    undo = _undo(application_id, (form.entity, key), version) if _can_undo(form, case, key) else None
    return redirect(request, f"/intake/applications/{application_id}{place(request)}", _(form.done), undo)


async def tell(
    request: Request,
    actor: Actor,
    of: tuple[Kind, str, str],
    what: tuple[Any, Says | str | None, int | None],
) -> int:
    """Make a move of an entity (kind, application_id, key); returns the version there is then."""
    (entity, application_id, key), given = of, cast(Any, what)
    if entity == "application":
        return await make_decision(request, actor, application_id, given, "page")
    if entity == "intake":
        return await move(request, actor, application_id, given, "page")
    return await tell_of(request, actor, (entity, (application_id, key)), given, "page")


async def _asked(request: Request, actor: Actor, of: tuple[str, str], key: str) -> tuple[MoveForm, Case, str]:
    """The form, the application as it now stands, and the key of the switch or report that the form is about."""
    application_id, name = of
    form = FORMS.get(name)
    if form is None:
        raise NotFound(name)
    check_access(actor, WHO[form.entity])
    return form, await opened(request, actor, application_id), key if form.entity in ("switch", "absence") else ""


async def opened(request: Request, actor: Actor, application_id: str) -> Case:
    """An application of this institution with all around it. Raises `NotFound`."""
    today = civil_date(request.app.state.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        found = await views.case(conn, actor.organisation, application_id, today)
    if found is None:
        raise NotFound(f"application {application_id}")
    return found


def _page(request: Request, form: MoveForm, case: Case, key: str, shown: Shown) -> Response:
    return render(
        request,
        "intake/move.html",
        422 if shown.faults or shown.between else 200,
        place=place(request),
        application=case.application,
        form=form,
        form_name=next(name for name, one in FORMS.items() if one is form),
        words=EVERYTHING,
        fields=[_control(field) for field in form.fields if not (key and field.name == "key")],
        key=key,
        shown=shown,
        stands=_stands(form, case, key) if shown.between else [],
        labels={field.name: _(field.label) for field in form.fields},
    )


def _stands(form: MoveForm, case: Case, key: str) -> list[tuple[str, str]]:
    if form.entity == "application":
        return [(_("Status"), _(APPLICATIONS[case.application["status"]][0]))]
    return pairs_of(case.state(form.entity, key))


def _control(field: Field) -> dict[str, Any]:
    options = [(value, _(text)) for value, text in (field.options or {}).items()]
    return {"name": field.name, "label": _(field.label), "kind": field.kind, "hint": _(field.hint), "options": options}


def between(stale: Stale) -> str:
    """Who changed something first, and when."""
    who = _(ROLES.get(stale.changed_by or "", stale.changed_by or "")) or _("Somebody else")
    when = texts.moment(stale.changed_at) if stale.changed_at else ""
    return _("%(who)s changed this on %(when)s.", who=who[:1].upper() + who[1:], when=when)


def _version(form: FormData) -> int:
    given = str(form.get("version", ""))
    return int(given) if given.isdecimal() else 0


def _can_undo(form: MoveForm, case: Case, key: str) -> bool:
    """Whether there is something to go back to: of an intake always, of the others when something was told before."""
    if form.entity in ("intake", "application"):
        return True
    return form.entity != "absence" and last_one(case.steps(form.entity, key)) is not None


def _undo(application_id: str, of: tuple[Kind, str], version: int) -> Undo:
    entity, key = of
    fields = {"version": str(version), **({"key": key} if key else {})}
    return Undo(f"/intake/applications/{application_id}/{entity}-undone", fields)
