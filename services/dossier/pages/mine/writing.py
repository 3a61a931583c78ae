"""The loopbaandossier and the plusdocument: writing, a link, and "klaar"."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dossier.domain.career import COMPETENCES, PART_OF, STEPS, Entry, Kind, Part
from services.dossier.handlers.mine import writing
from services.dossier.pages.mine import words
from services.dossier.pages.mine.own import Pupil, load, ref
from shared.core.errors import Fault, Invalid, NotFound
from shared.core.ids import new_id
from shared.messaging.outbox import perform
from shared.schemas.dossiers import Competence
from shared.web.api import fields
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/mine")
Section = Literal["career", "plus"]
PARTS: dict[Section, Part] = {"career": "pupil", "plus": "plus"}
SECTIONS: dict[Part, Section] = {"pupil": "career", "plus": "plus"}
TEMPLATES = {"career": "dossier/mine/career.html", "plus": "dossier/mine/plus.html"}
Prose = Annotated[fields.Prose, Field(max_length=2000)]


class EntryForm(BaseModel):
    """An entry as a pupil fills it in; the steps are those of its kind."""

    model_config = ConfigDict(extra="forbid")

    title: fields.Line = Field(max_length=120)
    day: date | None = None
    competences: list[Competence] = []
    goal: Prose = ""
    result: Prose = ""
    evaluation: Prose = ""
    conclusion: Prose = ""
    follow_up: Prose = ""
    look_back: Prose = ""
    reflect: Prose = ""
    look_ahead: Prose = ""
    act: Prose = ""
    what: Prose = ""
    learned: Prose = ""

    def texts(self, kind: Kind) -> dict[str, str]:
        """The steps of this kind that have a text."""
        return {step: text for step in STEPS[kind] if (text := str(getattr(self, step)))}


@router.get("/{section}")
async def show(request: Request, actor: Pupil, section: Section) -> Response:
    """What is in a part."""
    return await _part(request, actor, section)


async def _part(
    request: Request, actor: Pupil, section: Section, faults: Sequence[Fault] = (), link: str | None = None
) -> Response:
    found = await load(request, actor)
    part = PARTS[section]
    progress = found.pupil if part == "pupil" else found.plus
    names = {file.file_id: request.app.state.keys.unseal(file.name) for file in found.files}
    return render(
        request,
        TEMPLATES[section],
        422 if faults else 200,
        part=part,
        section=section,
        progress=progress,
        state=progress.state(part),
        entries=[entry for entry in found.entries if PART_OF[entry.kind] == part],
        files=found.files,
        names=names,
        missing=[c for c in COMPETENCES if c not in progress.competences],
        link=link if link is not None else progress.link or "",
        faults=faults,
        words=words.EVERYTHING,
    )


@router.post("/{section}/done")
async def finish(request: Request, actor: Pupil, section: Section) -> Response:
    """The pupil says that a part is done, or that it is not after all."""
    done = (await request.form()).get("done") == "yes"
    command = writing.Finish(ref(actor), PARTS[section], done)
    await perform(request.app.state.transport, actor, writing.finish, command)
    message = _("You have said that this is done. Your mentor sees that.") if done else _("You can go on with this.")
    return redirect(request, f"/dossier/mine/{section}", message)


@router.post("/career/link")
async def save_link(request: Request, actor: Pupil) -> Response:
    """Where the loopbaandossier is, when it is not here."""
    typed = str((await request.form()).get("link", "")).strip()
    try:
        command = writing.SetLink(ref(actor), typed or None)
        await perform(request.app.state.transport, actor, writing.set_link, command)
    except Invalid as error:
        return await _part(request, actor, "career", error.faults, typed)
    return redirect(request, "/dossier/mine/career", _("The link is saved.") if typed else _("The link is removed."))


@router.get("/{section}/new/{kind}")
async def ask(request: Request, actor: Pupil, section: Section, kind: Kind) -> Response:
    """An empty form."""
    await load(request, actor)
    return _form(request, _same(section, kind), "new", {})


@router.post("/{section}/new/{kind}")
async def add(request: Request, actor: Pupil, section: Section, kind: Kind) -> Response:
    """Keep a new entry."""
    return await _save(
        request, actor, Entry(str(new_id()), _same(section, kind), "", None, (), {}, _now(request)), True
    )


@router.get("/{section}/entries/{entry_id}")
async def edit(request: Request, actor: Pupil, section: Section, entry_id: str) -> Response:
    """The form with what was written."""
    entry = await _entry(request, actor, section, entry_id)
    filled = {"title": entry.title, "day": entry.day.isoformat() if entry.day else "", "competences": entry.competences}
    return _form(request, entry.kind, entry.entry_id, filled | dict(entry.texts))


@router.post("/{section}/entries/{entry_id}")
async def save(request: Request, actor: Pupil, section: Section, entry_id: str) -> Response:
    """Change an entry."""
    return await _save(request, actor, await _entry(request, actor, section, entry_id), False)


@router.post("/{section}/entries/{entry_id}/remove")
async def remove(request: Request, actor: Pupil, section: Section, entry_id: str) -> Response:
    """Delete an entry. It does not come back."""
    await perform(request.app.state.transport, actor, writing.remove_entry, writing.RemoveEntry(ref(actor), entry_id))
    return redirect(request, f"/dossier/mine/{section}", _("It is deleted."))


async def _save(request: Request, actor: Pupil, entry: Entry, new: bool) -> Response:
    form = await request.form()
    try:
        filled = parse(EntryForm, form)
        named = tuple(c for c in COMPETENCES if c in filled.competences)
        kept = Entry(
            entry.entry_id, entry.kind, filled.title, filled.day, named, filled.texts(entry.kind), _now(request)
        )
        await perform(request.app.state.transport, actor, writing.save_entry, writing.SaveEntry(ref(actor), kept, new))
    except Invalid as error:
        given: dict[str, Any] = {name: str(form.get(name, "")) for name in form}
        given["competences"] = [str(value) for value in form.getlist("competences")]
        return _form(request, entry.kind, "new" if new else entry.entry_id, given, error.faults)
    return redirect(request, f"/dossier/mine/{SECTIONS[PART_OF[entry.kind]]}", _("It is saved."))


async def _entry(request: Request, actor: Pupil, section: Section, entry_id: str) -> Entry:
    entries = (await load(request, actor)).entries
    found = next((e for e in entries if e.entry_id == entry_id and SECTIONS[PART_OF[e.kind]] == section), None)
    if found is None:
        raise NotFound("no such entry")
    return found


def _same(section: Section, kind: Kind) -> Kind:
    if SECTIONS[PART_OF[kind]] != section:
        raise NotFound("this kind is in the other part")
    return kind


def _now(request: Request) -> Any:
    return request.app.state.settings.clock.now()


def _form(
    request: Request, kind: Kind, entry_id: str, filled: Mapping[str, Any], faults: Sequence[Fault] = ()
) -> Response:
    section = SECTIONS[PART_OF[kind]]
    place = f"new/{kind}" if entry_id == "new" else f"entries/{entry_id}"
    return render(
        request,
        "dossier/mine/entry.html",
        422 if faults else 200,
        kind=kind,
        section=section,
        new=entry_id == "new",
        action=f"/dossier/mine/{section}/{place}",
        steps=STEPS[kind],
        competences=[(c, _(words.COMPETENCES[c])) for c in COMPETENCES],
        filled={name: filled.get(name, "") for name in EntryForm.model_fields},
        faults=faults,
        words=words.EVERYTHING,
    )
