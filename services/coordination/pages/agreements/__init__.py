"""Regional agreements: which versions there are, what each says in plain Dutch, what differs, and adopting one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from services.coordination.agreement import digest
from services.coordination.agreement.text import Found
from services.coordination.api.agreements import of_version, versions
from services.coordination.domain.world.agreed import Agreement
from services.coordination.handlers.agreements import AdoptAgreement, MoveTransitions, adopt, check, move
from services.coordination.handlers.staff.contacts import own_region
from services.coordination.handlers.world import almanac
from services.coordination.pages import naming
from services.coordination.pages.agreements import words, yearly
from services.coordination.pages.agreements.reading import Chapter, Difference, differences, read
from services.coordination.store import agreements, views
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Forbidden, Invalid, marked, translated
from shared.messaging.outbox import perform
from shared.storage.pool import Connection
from shared.web.auth import page_actor, require
from shared.web.forms import parse, read_upload
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import ngettext

router = APIRouter(prefix="/agreements")
Person = Annotated[Actor, Depends(page_actor)]
HOME = "/coordination/agreements"
KEEPERS = (Role.REGION_COORDINATOR, Role.OPERATOR)
LONGEST = 200_000
"""Bytes of a text that is handed in."""
LINE = re.compile(r"line (\d+)(?:: (.*))?$")


class MoveForm(BaseModel):
    """Which transitions go on under another version."""

    model_config = ConfigDict(extra="forbid")

    from_version: str = Field(max_length=64)


@dataclass(frozen=True)
class Draft:
    """A text that somebody looks at before it is adopted."""

    text: str = ""
    faults: tuple[Fault, ...] = ()
    agreed: Agreement | None = None
    """What it says, when it may be adopted."""
    than: str = ""
    """Version that it is laid beside."""
    changes: list[tuple[str, list[Difference]]] = field(default_factory=list)


@router.get("")
async def show_versions(request: Request, actor: Person) -> Response:
    """The versions of the own region, and what ships with the software."""
    async with request.app.state.database.as_actor(actor) as conn:
        region = await own_region(conn, actor)
        found = await versions(conn, region)
        names = await naming.organisations(conn, [region] if region else [])
    today = almanac().day(request.app.state.clock.now())
    return render(
        request,
        "coordination/agreements/versions.html",
        region=names.get(region or "", ""),
        versions=[one | {"state": state} for one, state in zip(found, _states(found, today), strict=True)],
        keeper=actor.role in KEEPERS,
    )


@router.get("/new")
async def new(request: Request, actor: Person) -> Response:
    """Hand in a text."""
    require(actor, *KEEPERS)
    return _draft(request, Draft())


@router.post("/new")
async def check_or_adopt(request: Request, actor: Person) -> Response:
    """Look at a text first: every fault with its line, or all that it changes; then adopt it. A text that was changed
    after that is looked at again."""
    require(actor, *KEEPERS)
    form = await request.form()
    try:
        text = await _text(form)
    except Invalid as error:
        return _draft(request, Draft(faults=tuple(error.faults)))
    command = AdoptAgreement(text)
    try:
        if form.get("do") == "adopt" and form.get("checked") == digest(text):
            version = await perform(request.app.state.transport, actor, adopt, command)
            return redirect(
                request, f"{HOME}/{version}", _("The agreement is adopted. Who opens from its first day on goes by it.")
            )
        return _draft(request, await _checked(request, actor, command))
    except Invalid as error:
        return _draft(request, Draft(text, tuple(error.faults)))
    except Forbidden:
        own = marked("the code of your own region: %(region)s", region=actor.organisation)
        return _draft(request, Draft(text, (command.fault(Found(("region",), own, "other_region")),)))


@router.get("/{version}")
async def show(request: Request, actor: Person, version: str) -> Response:
    """A version in plain Dutch."""
    async with request.app.state.database.as_actor(actor) as conn:
        agreed = await of_version(conn, version)
        region = agreed.region or await own_region(conn, actor)
        chapters = await _read(conn, agreed)
        found = await versions(conn, region)
        pinned = await agreements.pinned(conn)
        names = await naming.organisations(conn, [region] if region else [])
    others = [one | {"here": pinned.get((region, one["version"]), 0)} for one in found if one["version"] != version]
    keeper = actor.role is Role.OPERATOR or (actor.role is Role.REGION_COORDINATOR and actor.organisation == region)
    return render(
        request,
        "coordination/agreements/version.html",
        agreed=agreed,
        region=names.get(region or "", ""),
        transitions=next((one["transitions"] for one in found if one["version"] == version), 0),
        chapters=chapters,
        choices=[(one["version"], one["version"]) for one in others],
        movable=[one for one in others if one["here"]] if keeper and region else [],
    )


@router.get("/{version}/differences")
async def differ(request: Request, actor: Person, version: str, than: str) -> Response:
    """What a version says otherwise than another one."""
    async with request.app.state.database.as_actor(actor) as conn:
        new, old = await of_version(conn, version), await of_version(conn, than)
        changes = list(differences(await _read(conn, old), await _read(conn, new)))
    return render(request, "coordination/agreements/differences.html", version=version, than=than, changes=changes)


@router.post("/{version}/transitions")
async def take_over(request: Request, actor: Person, version: str) -> Response:
    """Let open transitions of a region go on under this version."""
    require(actor, *KEEPERS)
    form = parse(MoveForm, await request.form())
    async with request.app.state.database.as_actor(actor) as conn:
        region = (await of_version(conn, version)).region or await own_region(conn, actor)
    command = MoveTransitions(region or "", form.from_version, version)
    n = await perform(request.app.state.transport, actor, move, command)
    said = ngettext(
        "%(num)s transition goes on under this version.", "%(num)s transitions go on under this version.", n
    )
    return redirect(request, f"{HOME}/{version}", said)


async def _read(conn: Connection, agreed: Agreement) -> tuple[Chapter, ...]:
    codes, people = yearly.mentioned(agreed)
    return read(agreed, await naming.organisations(conn, codes) | await views.people(conn, sorted(people)))


def _states(found: Iterable[Mapping[str, Any]], today: date) -> Iterable[str]:
    """Of each region the newest version that has begun holds; what ships holds where none does."""
    holding: set[str | None] = set()
    for one in found:
        if one["region"] is None and holding:
            yield "ships"
        elif one["valid_from"] > today:
            yield "coming"
        else:
            yield "past" if one["region"] in holding else "holds"
            holding.add(one["region"])


async def _text(form: FormData) -> str:
    """The text of the form: what was typed or shown before, else the file."""
    typed, upload = form.get("text"), form.get("file")
    if isinstance(upload, UploadFile) and upload.filename:
        return (await read_upload(form, "file", LONGEST)).decode("utf-8-sig", "replace").replace("\r\n", "\n")
    if isinstance(typed, str) and typed.strip():
        return typed.replace("\r\n", "\n")
    raise Invalid([Fault("file", _("Choose a file"), "no_file")])


async def _checked(request: Request, actor: Actor, command: AdoptAgreement) -> Draft:
    """A text that may be adopted, with what it changes. Raises `Invalid`."""
    now = request.app.state.clock.now()
    async with request.app.state.database.as_actor(actor) as conn:
        agreed = await check(conn, command, actor, now)
        found = await versions(conn, agreed.region)
        than = next((one["version"] for one in found if one["version"] != agreed.version), agreed.version)
        old = await of_version(conn, than)
        changes = list(differences(await _read(conn, old), await _read(conn, agreed)))
    return Draft(command.text, agreed=agreed, than=than, changes=changes)


def _draft(request: Request, draft: Draft) -> Response:
    return render(
        request,
        "coordination/agreements/new.html",
        422 if draft.faults else 200,
        draft=draft,
        checked=digest(draft.text) if draft.agreed else "",
        faults=[_fault(fault) for fault in draft.faults],
    )


def _fault(fault: Fault) -> dict[str, str]:
    """A fault with its line and its place in the text, what is wrong, and what was expected."""
    if fault.where == "file":
        return {"where": "", "what": fault.expected, "expected": ""}
    at = LINE.search(fault.where)
    where = _("Line %(line)s", line=at.group(1)) if at else ""
    place = at.group(2) if at else fault.where
    return {
        "where": ", ".join(part for part in (where, place) if part),
        "what": words.fault(fault.code),
        "expected": translated(fault.expected, _),
    }
