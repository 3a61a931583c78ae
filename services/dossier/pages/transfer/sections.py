"""What the school writes in a dossier, category by category of the closed list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dossier.domain.transfer import CARE, CLOSED_LIST, WRITTEN, Section, SectionState
from services.dossier.handlers.mine import GUIDES
from services.dossier.handlers.sides import require_side
from services.dossier.handlers.transfer.readers import may_see
from services.dossier.handlers.transfer.sections import ReadSection, SaveSection, read_section, save_section
from services.dossier.pages import reading, words
from services.dossier.pages.reading import Card
from services.dossier.pages.transfer.words import CATEGORIES, STATES
from services.dossier.store import transfer
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid, NotFound, Stale
from shared.messaging.outbox import perform
from shared.schemas.envelope import PupilRef
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/pupils/{pupil_ref}/parts")
Person = Annotated[Actor, Depends(page_actor)]
LONGEST = 4000


class SectionForm(BaseModel):
    """One category as somebody fills it in."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field("", max_length=LONGEST)
    state: SectionState
    version: int = Field(ge=0)
    back: str = Field("", max_length=20)


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands in the form, what is wrong with it, and what somebody else wrote in the meantime."""

    values: dict[str, str]
    faults: Sequence[Fault] = ()
    there: Section | None = None


@router.get("")
async def show(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """How far every part and every category is."""
    card = await surveyed(request, actor, pupil_ref)
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = card.pupil
        standing = await transfer.states(conn, pupil.vo_site, pupil.cohort, [pupil.pupil_ref])
    states = {code: one.state for code, one in standing.get(pupil.pupil_ref, {}).items()}
    groups = [
        {
            "key": part,
            "title": _(title),
            "text": _(text),
            "rows": [_row(actor, card, category.code, states) for category in CLOSED_LIST if category.part == part],
        }
        for part, (title, text) in words.GROUPS_OF_PARTS.items()
    ]
    return render(
        request,
        "dossier/transfer/overview.html",
        card=card,
        groups=groups,
        guides=actor.role in GUIDES,
        words=words.EVERYTHING,
    )


def _row(actor: Actor, card: Card, code: str, states: dict[str, SectionState]) -> dict[str, Any]:
    state = STATES[states.get(code, "open" if code in WRITTEN else "listed")]
    path = f"/dossier/pupils/{card.pupil.pupil_ref}/parts/{code}"
    href = path if code in WRITTEN and may_see(actor, card.pupil, code) else ""
    return {"title": _(CATEGORIES[code]), "href": href, "state": _(state[0]), "kind": state[1]}


@router.get("/{category}")
async def ask(request: Request, actor: Person, pupil_ref: PupilRef, category: str, back: str = "") -> Response:
    """The form of one category. That somebody reads the care part is written down."""
    card = await surveyed(request, actor, pupil_ref)
    held = await _held(request, actor, card, category)
    return _form(request, card, category, Entered(_filled(held) | {"back": back}))


@router.post("/{category}")
async def save(request: Request, actor: Person, pupil_ref: PupilRef, category: str) -> Response:
    """Write one category. Wrong input, and what somebody else wrote in the meantime, show the form again."""
    card = await surveyed(request, actor, pupil_ref)
    form = await request.form()
    given = {name: str(form.get(name, "")) for name in SectionForm.model_fields}
    try:
        filled = parse(SectionForm, form)
        command = SaveSection(
            card.pupil.pupil_ref, card.pupil.cohort, category, filled.state, filled.text, filled.version
        )
        await perform(request.app.state.transport, actor, save_section, command)
    except Invalid as error:
        return _form(request, card, category, Entered(given, error.faults))
    except Stale:
        there = await _held(request, actor, card, category)
        given |= {"version": str(there.version if there else 0)}
        return _form(request, card, category, Entered(given, there=there))
    path = f"/dossier/pupils/{card.pupil.pupil_ref}"
    name = _(CATEGORIES[category])
    return redirect(request, back_to(path, filled.back, f"{path}/parts"), _("'%(name)s' is saved.", name=name))


def back_to(path: str, back: str, otherwise: str) -> str:
    """Where somebody goes on who came from the page on which the dossier is checked, or from elsewhere."""
    return f"{path}/handover" if back == "handover" else otherwise


async def surveyed(request: Request, actor: Actor, pupil_ref: str) -> Card:
    """An own pupil with everything that is known."""
    require_side(actor, "vo")
    today = civil_date(request.app.state.settings.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        card = await reading.card(conn, actor.organisation, pupil_ref)
        return (await reading.surveyed(conn, [card], today))[0]


async def _held(request: Request, actor: Actor, card: Card, category: str) -> Section | None:
    if category not in WRITTEN:
        raise NotFound("no such category")
    command = ReadSection(card.pupil.pupil_ref, card.pupil.cohort, category)
    held: Section | None = await perform(request.app.state.transport, actor, read_section, command)
    return held


def _filled(held: Section | None) -> dict[str, str]:
    if held is None:
        return {"text": "", "state": SectionState.IN_PROGRESS.value, "version": "0"}
    return {"text": held.text, "state": held.state.value, "version": str(held.version)}


def _form(request: Request, card: Card, category: str, entered: Entered) -> Response:
    return render(
        request,
        "dossier/transfer/section.html",
        422 if entered.faults or entered.there else 200,
        card=card,
        pupil=card.pupil,
        category=category,
        care=category in CARE,
        states=[(state.value, _(words.SECTION_CHOICES[state])) for state in SectionState],
        filled=entered.values,
        faults=entered.faults,
        there=entered.there,
        words=words.EVERYTHING,
    )
