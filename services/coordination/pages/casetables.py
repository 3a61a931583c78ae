"""The Overstaptafel: the tables, the agenda of one with what is agreed, and its minutes to print."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.coordination.domain.casetable import KINDS, MEMBERS, OWNERS, PLANNERS, WITHIN, Table
from services.coordination.handlers.casetables import (
    CloseTable,
    Decide,
    PlanTable,
    SeatTable,
    close_table,
    decide,
    plan_table,
    seat_table,
)
from services.coordination.handlers.world import almanac, dates
from services.coordination.pages import naming, words
from services.coordination.pages.worklist import school_days
from services.coordination.store import casetables, views
from services.coordination.store.casetables import Agenda, Item
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Invalid
from shared.messaging.outbox import perform
from shared.storage.pool import Connection
from shared.web.auth import page_actor, require
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import in_words, ngettext
from shared.web.words import ROLES, action

router = APIRouter(prefix="/case-tables")
Person = Annotated[Actor, Depends(page_actor)]
HOME = "/coordination/case-tables"


class PlanForm(BaseModel):
    """A table on a day."""

    model_config = ConfigDict(extra="forbid")

    held_on: date
    organisations: list[str] = Field(default_factory=list)


class SeatsForm(BaseModel):
    """Who is present."""

    model_config = ConfigDict(extra="forbid")

    version: int
    organisations: list[str] = Field(default_factory=list)


class CloseForm(BaseModel):
    """The table is over."""

    model_config = ConfigDict(extra="forbid")

    version: int


class DecisionForm(BaseModel):
    """What was agreed. `owner`: organisation and role with a colon between them."""

    model_config = ConfigDict(extra="forbid")

    pupil_ref: str
    cohort: int
    kind: str
    owner: str
    within: int
    page: int = 1


@router.get("")
async def home(request: Request, actor: Person) -> Response:
    """The tables of the own organisation, and a form to plan one."""
    require(actor, *PLANNERS)
    return await _home(request, actor)


@router.post("")
async def plan(request: Request, actor: Person) -> Response:
    """Plan a table."""
    require(actor, *PLANNERS)
    form = await request.form()
    try:
        asked = parse(PlanForm, form)
        table = await perform(
            request.app.state.transport, actor, plan_table, PlanTable(asked.held_on, asked.organisations)
        )
    except Invalid as error:
        return await _home(request, actor, error.faults, str(form.get("held_on", "")))
    return redirect(request, f"{HOME}/{table.table_id}", _("The Overstaptafel is planned."))


@router.get("/{table_id}")
async def show(table_id: str, request: Request, actor: Person, page: int = 1) -> Response:
    """One table with the agenda of the own organisation."""
    return await _table(request, actor, table_id, max(page, 1))


@router.post("/{table_id}/decisions")
async def agree(table_id: str, request: Request, actor: Person) -> Response:
    """Agree on an action."""
    form = await request.form()
    try:
        asked = parse(DecisionForm, form)
        organisation, _colon, role = asked.owner.partition(":")
        command = Decide(table_id, asked.pupil_ref, asked.cohort, asked.kind, organisation, role, asked.within)
        agreed = await perform(request.app.state.transport, actor, decide, command)
    except Invalid as error:
        return await _table(request, actor, table_id, 1, error.faults)
    text = _("Agreed: %(what)s, before %(day)s.", what=action(agreed.kind), day=in_words(almanac().day(agreed.due_at)))
    return redirect(request, f"{HOME}/{table_id}?page={asked.page}", text)


@router.post("/{table_id}/seats")
async def seats(table_id: str, request: Request, actor: Person) -> Response:
    """Say who is present."""
    form = parse(SeatsForm, await request.form())
    command = SeatTable(table_id, form.organisations, form.version)
    try:
        await perform(request.app.state.transport, actor, seat_table, command)
    except Invalid as error:
        return await _table(request, actor, table_id, 1, error.faults)
    return redirect(request, f"{HOME}/{table_id}", _("Who is present is changed."))


@router.post("/{table_id}/closed")
async def close(table_id: str, request: Request, actor: Person) -> Response:
    """Close the table."""
    form = parse(CloseForm, await request.form())
    await perform(request.app.state.transport, actor, close_table, CloseTable(table_id, form.version))
    return redirect(request, HOME, _("The Overstaptafel is closed. What was agreed stays on the lists."))


@router.get("/{table_id}/minutes")
async def minutes(table_id: str, request: Request, actor: Person) -> Response:
    """What was agreed, as far as the own organisation is involved; made to be printed."""
    require(actor, *MEMBERS)
    async with request.app.state.database.as_actor(actor) as conn:
        table = await casetables.table(conn, table_id, actor.organisation)
        agreed = await casetables.decisions(conn, table_id)
        names = await _names(conn, table, agreed)
    return render(
        request,
        "coordination/minutes.html",
        table=_shown(table, names),
        agreed=[_agreed(one, names) for one in agreed],
        words=words.EVERYTHING,
    )


async def _home(request: Request, actor: Actor, errors: Sequence[Fault] = (), held_on: str = "") -> Response:
    async with request.app.state.database.as_actor(actor) as conn:
        found = await casetables.tables(conn, actor.organisation)
        choices = await _choices(conn, actor, "")
        names = await naming.organisations(conn, {code for table in found for code in (*table.seats, table.region)})
    return render(
        request,
        "coordination/casetables.html",
        422 if errors else 200,
        tables=[_shown(table, names) for table in found],
        choices=choices,
        errors=errors,
        held_on=held_on,
    )


async def _choices(conn: Connection, actor: Actor, region: str) -> list[tuple[str, str]]:
    """The organisations of a region that may come: code and name."""
    own = actor.organisation if almanac().is_region(actor.organisation) else None
    region = region or own or await casetables.region_of(conn, actor.organisation) or ""
    return [(one["code"], one["name"]) for one in await casetables.organisations(conn, region)]


async def _table(request: Request, actor: Actor, table_id: str, page: int, errors: Sequence[Fault] = ()) -> Response:
    require(actor, *PLANNERS)
    now = request.app.state.clock.now()
    async with request.app.state.database.as_actor(actor) as conn:
        table = await casetables.table(conn, table_id, actor.organisation)
        agenda = await casetables.agenda(conn, table_id, page)
        mentioned = [item.case for item in agenda.items] + [one for item in agenda.items for one in item.agreed]
        names = await _names(conn, table, mentioned)
        choices, known = await _choices(conn, actor, table.region), await dates(conn)
    return render(
        request,
        "coordination/casetable.html",
        422 if errors else 200,
        table=_shown(table, names),
        cases=[_case(item, actor, names) | {"days": school_days(item.case, now, known)} for item in agenda.items],
        numbers=_numbers(agenda, names),
        mine=agenda.total,
        everybody=agenda.everybody,
        numbers_alone=actor.role is Role.REGION_COORDINATOR,
        choices=choices,
        kinds=[(kind, action(kind)) for kind in KINDS],
        owners=_owners(table, names),
        within=[(n, ngettext("%(num)s school day", "%(num)s school days", n)) for n in WITHIN],
        errors=errors,
        page=page,
        pages=-(-agenda.total // casetables.PAGE),
        words=words.EVERYTHING,
    )


def _numbers(agenda: Agenda, names: dict[str, str]) -> list[tuple[str, int]]:
    """Cases per organisation, most first."""
    return sorted(((names[code], n) for code, n in agenda.by_organisation.items()), key=lambda one: (-one[1], one[0]))


def _owners(table: Table, names: dict[str, str]) -> list[tuple[str, str]]:
    """Who of those present may take something on."""
    return [
        (f"{code}:{role}", f"{names[code]}, {_(ROLES[role])}")
        for code in table.seats
        for role in OWNERS.get(_kind(code), ())
    ]


def _kind(code: str) -> str:
    """Kind of an organisation by its code."""
    known = almanac()
    if known.is_region(code):
        return "region"
    return "municipality" if known.is_municipality(code) else "vo" if len(code) == 6 else "mbo"


def _shown(table: Table, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": table.table_id,
        "href": f"{HOME}/{table.table_id}",
        "held_on": table.held_on,
        "region": names.get(table.region, table.region),
        "seats": [names.get(code, code) for code in table.seats],
        "codes": table.seats,
        "open": table.closed_at is None,
        "version": table.version,
    }


def _case(item: Item, actor: Actor, names: dict[str, str]) -> dict[str, Any]:
    case = item.case
    holder = {"organisation": case["holder"], "role": case["holder_role"], "contact": case["holder_contact"]}
    return case | {
        "id": f"{case['pupil_ref']}-{case['cohort']}",
        "holder_name": _who(holder, names),
        "from": names.get(case["origin"] or "", ""),
        "at": ", ".join(names[code] for code in case["live"]),
        "next": f"{action(case['kind'])}, {_who(case, names)}",
        "risks": item.risks,
        "agreed": [_agreed(one, names) for one in item.agreed],
        "own": actor.organisation in (case["holder"], case["organisation"]),
    }


def _agreed(one: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return one | {"what": action(one["kind"]), "who": _who(one, names)}


def _who(who: dict[str, Any], names: dict[str, str]) -> str:
    """A person when it is known who, their role, and the organisation."""
    role = _(ROLES[who["role"]]) if who["role"] in ROLES else who["role"]
    parts = (names.get(who["contact"] or ""), role, names.get(who["organisation"]))
    return ", ".join(part for part in parts if part)


async def _names(conn: Connection, table: Table, mentioned: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Names of every organisation and person on the page."""
    codes = {table.region, *table.seats, *(one["organisation"] for one in mentioned)}
    for one in mentioned:
        codes |= {code for code in (one.get("holder"), one.get("origin"), *one.get("live", ())) if code}
    people = {ref for one in mentioned for ref in (one["contact"], one.get("holder_contact")) if ref}
    return await naming.organisations(conn, codes) | await views.people(conn, sorted(people))
