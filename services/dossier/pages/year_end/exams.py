"""Exam results: of one pupil, and of a whole class on one page with one save."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData
from starlette.responses import Response

from services.dossier import store
from services.dossier.domain.exams import Exam
from services.dossier.domain.pupils import Pupil
from services.dossier.handlers.sides import require_side
from services.dossier.handlers.year_end.exams import ExamResult, RecordExams, record_exam, record_exams
from services.dossier.pages import reading
from services.dossier.pages.again import Again
from services.dossier.pages.year_end import words
from services.dossier.store import year_end
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid, Stale
from shared.messaging.outbox import perform
from shared.schemas.dossiers import Track
from shared.schemas.envelope import PupilRef
from shared.web.api.fields import CivilDate
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import ngettext
from shared.web.words import ROLES

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]
TRACKS: tuple[Track, ...] = get_args(Track)


class Shared(BaseModel):
    """What a whole class has in common."""

    decided_on: CivilDate
    sitting: int = Field(ge=1, le=3)


class ExamForm(Shared):
    """The result of one pupil, as somebody fills it in."""

    model_config = ConfigDict(extra="forbid")

    version: int
    result: Literal[tuple(words.RESULTS)]  # type: ignore[valid-type]
    track: Literal[TRACKS] | None = None  # type: ignore[valid-type]


class Line(BaseModel):
    """One line of the class."""

    version: int
    result: Literal[tuple(words.RESULTS)]  # type: ignore[valid-type]
    track: Literal[TRACKS] | None = None  # type: ignore[valid-type]


@dataclass(frozen=True, slots=True)
class Class:
    """Pupils of a class with the results that stand."""

    name: str
    pupils: Sequence[Pupil]
    exams: Mapping[tuple[str, int], Exam]
    names: Sequence[str]
    """Every class of the cohort."""

    def exam(self, pupil: Pupil) -> Exam | None:
        """The result of a pupil."""
        return self.exams.get((pupil.pupil_ref, pupil.cohort))


@router.get("/pupils/{pupil_ref}/exam")
async def show(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """The result of one pupil."""
    return await _one(request, actor, pupil_ref, Again())


@router.post("/pupils/{pupil_ref}/exam")
async def save(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """Record the result of one pupil; wrong input, or a result that somebody else changed, shows the form again."""
    require_side(actor, "vo")
    form = await request.form()
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = (await reading.card(conn, actor.organisation, pupil_ref)).pupil
    typed = {name: str(form.get(name, "")) for name in form}
    try:
        one = ExamResult(pupil.pupil_ref, pupil.cohort, **parse(ExamForm, form).model_dump())
        await perform(request.app.state.transport, actor, record_exam, RecordExams((one,)))
    except Invalid as error:
        faults = [Fault(fault.where.lstrip("/"), fault.expected, fault.code) for fault in error.faults]
        return await _one(request, actor, pupil_ref, Again(typed, faults))
    except Stale as stale:
        return await _one(request, actor, pupil_ref, Again(typed, stale=stale))
    message = _("The exam result of %(name)s is recorded.", name=pupil.name)
    return redirect(request, f"/dossier/pupils/{pupil.pupil_ref}", message)


async def _one(request: Request, actor: Actor, pupil_ref: str, again: Again) -> Response:
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = (await reading.card(conn, actor.organisation, pupil_ref)).pupil
        found = await year_end.exams(conn, actor.organisation, [pupil.pupil_ref])
    exam = found.get((pupil.pupil_ref, pupil.cohort))
    by = again.stale.changed_by if again.stale else None
    return render(
        request,
        "dossier/year_end/exam.html",
        422 if again.faults or again.stale else 200,
        pupil=pupil,
        exam=exam,
        filled=_stands(exam) | dict(again.filled),
        faults=again.faults,
        stale=again.stale,
        by=_(ROLES.get(by or "", by or "")),
        results=_results(exam),
        tracks=_tracks(),
        words=words.EVERYTHING,
    )


@router.get("/exams")
async def show_class(request: Request, actor: Person, class_name: str = "") -> Response:
    """The results of a class."""
    return await _class(request, actor, class_name, {})


@router.post("/exams")
async def save_class(request: Request, actor: Person, class_name: str = "") -> Response:
    """Record what changed in a class, all or nothing; every fault is told at once."""
    form = await request.form()
    found = await _read_class(request, actor, class_name)
    try:
        command = RecordExams(tuple(_lines(found, form)))
        changed: int = await perform(request.app.state.transport, actor, record_exams, command)
    except Invalid as error:
        faults = [Fault(_place(fault.where), fault.expected, fault.code) for fault in error.faults]
        return await _class(request, actor, class_name, {name: str(form.get(name, "")) for name in form}, faults)
    message = ngettext("%(num)s exam result is recorded.", "%(num)s exam results are recorded.", changed)
    return redirect(request, f"/dossier/exams?class_name={class_name}" if class_name else "/dossier/exams", message)


def _lines(found: Class, form: FormData) -> list[ExamResult]:
    """The lines that were filled in differently from what stands. Raises `Invalid` with everything that is wrong."""
    faults: list[Fault] = []
    lines: list[tuple[Pupil, Line]] = []
    for pupil in found.pupils:
        cells = {name: str(form.get(f"{name}-{pupil.pupil_ref}", "")) for name in Line.model_fields}
        exam = found.exam(pupil)
        stood = (exam.result, exam.track or "") if exam else ("", "")
        if not cells["result"] or (cells["result"], cells["track"]) == stood:
            continue
        try:
            lines.append((pupil, parse(Line, FormData(cells))))
        except Invalid as error:
            faults += [Fault(f"{one.where}-{pupil.pupil_ref}", one.expected, one.code) for one in error.faults]
    together = FormData({name: form.get(name, "") for name in Shared.model_fields})
    try:
        shared = parse(Shared, together)
    except Invalid as error:
        raise Invalid([*error.faults, *faults]) from None
    if faults:
        raise Invalid(faults)
    when = shared.model_dump()
    return [ExamResult(pupil.pupil_ref, pupil.cohort, **line.model_dump(), **when) for pupil, line in lines]


def _place(where: str) -> str:
    """The field that a fault of the handler is about: ``/<pupil_ref>/<field>``."""
    if not where.startswith("/"):
        return where
    _empty, ref, name = where.split("/")
    return name if name == "decided_on" else f"{name}-{ref}"


async def _read_class(request: Request, actor: Actor, class_name: str) -> Class:
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        cohorts = await store.cohorts(conn, actor.organisation)
        everybody = await store.pupils(conn, actor.organisation, cohorts[0]) if cohorts else []
        names = sorted({pupil.class_name for pupil in everybody if pupil.class_name})
        chosen = class_name if class_name in names else next(iter(names), "")
        pupils = [pupil for pupil in everybody if pupil.class_name == chosen and pupil.listed]
        exams = await year_end.exams(conn, actor.organisation, [pupil.pupil_ref for pupil in pupils])
    return Class(chosen, pupils, exams, names)


async def _class(
    request: Request, actor: Actor, class_name: str, typed: Mapping[str, str], faults: Sequence[Fault] = ()
) -> Response:
    found = await _read_class(request, actor, class_name)
    rows = [_row(pupil, found.exam(pupil), typed) for pupil in found.pupils]
    return render(
        request,
        "dossier/year_end/exams.html",
        422 if faults else 200,
        found=found,
        rows=rows,
        filled={"decided_on": "", "sitting": "1"} | dict(typed),
        faults=list({(fault.where, fault.expected): fault for fault in faults}.values()),
        tracks=_tracks(),
        words=words.EVERYTHING,
    )


def _row(pupil: Pupil, exam: Exam | None, typed: Mapping[str, str]) -> dict[str, Any]:
    stands = _stands(exam)
    given = {name: typed.get(f"{name}-{pupil.pupil_ref}", stands[name]) for name in ("result", "track")}
    return {
        "ref": pupil.pupil_ref,
        "name": pupil.name,
        "own_track": pupil.track,
        "exam": exam,
        "version": exam.version if exam else 0,
        "results": _results(exam),
        **given,
    }


def _stands(exam: Exam | None) -> dict[str, str]:
    """What a form begins with."""
    if exam is None:
        return {"result": "", "track": "", "sitting": "1", "decided_on": ""}
    decided_on = exam.decided_on.isoformat()
    return {"result": exam.result, "track": exam.track or "", "sitting": str(exam.sitting), "decided_on": decided_on}


def _results(exam: Exam | None) -> list[tuple[str, str]]:
    """Results to choose from; what was never recorded can not be taken back."""
    known = exam is not None and exam.result != "retracted"
    codes = [code for code in words.RESULTS if code != "retracted" or known or (exam and exam.result == code)]
    return [("", _("Not known yet")), *((code, _(words.RESULTS[code][0])) for code in codes)]


def _tracks() -> list[tuple[str, str]]:
    return [("", _("No diploma")), *((track, track) for track in TRACKS)]
