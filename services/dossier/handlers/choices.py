"""Choices of pupils: registering, changing, withdrawing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.dossier import store
from services.dossier.domain.pupils import CHOICE, Choice, choice_state
from services.dossier.handlers.sides import require_side
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.core.ids import opaque_ref
from shared.schemas.envelope import Draft, Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class RegisterChoice:
    """One choice, new or changed."""

    choice: Choice

    @property
    def subjects(self) -> Sequence[str]:
        return [self.choice.pupil_ref]


@dataclass(frozen=True, slots=True)
class WithdrawChoice:
    """The pupil no longer intends this."""

    pupil_ref: str
    choice_id: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


def choice_id(pupil_ref: str, cohort: int, mbo_institution: str, programme: str) -> str:
    """The key of a choice: the same choice has the same key, however it comes in."""
    return opaque_ref("choice", pupil_ref, str(cohort), mbo_institution, programme)


async def register(conn: Connection, vo_site: str, wanted: Sequence[Choice], now: datetime) -> list[Draft]:
    """Write what is new or changed among these choices; gives their events."""
    known = await store.choices(conn, vo_site, {choice.pupil_ref for choice in wanted})
    by_content = {_content(choice): choice for held in known.values() for choice in held}
    # A choice that moved with a linked pupil keeps the key it was told under.
    kept = [replace(c, choice_id=by_content[_content(c)].choice_id) if _content(c) in by_content else c for c in wanted]
    changed = [choice for choice in kept if by_content.get(_content(choice)) != choice]
    await store.save_choices(conn, changed)
    return [Draft(choice.pupil_ref, choice_state(choice, now)) for choice in changed]


def _content(choice: Choice) -> tuple[str, int, str, str]:
    return choice.pupil_ref, choice.cohort, choice.mbo_institution, choice.programme


async def register_choice(conn: Connection, command: RegisterChoice, actor: Actor, now: datetime) -> Outcome:
    """Register one choice of an own pupil. The answer is its key."""
    require_side(actor, "vo")
    choice = command.choice
    if not await store.pupils(conn, actor.organisation, choice.cohort, choice.pupil_ref):
        raise NotFound("no such pupil")
    return Outcome(await register(conn, actor.organisation, [choice], now), value=choice.choice_id)


async def withdraw_choice(conn: Connection, command: WithdrawChoice, actor: Actor, now: datetime) -> Outcome:
    """Withdraw one choice; withdrawing twice changes nothing."""
    require_side(actor, "vo")
    held = (await store.choices(conn, actor.organisation, [command.pupil_ref]))[command.pupil_ref]
    choice = next((choice for choice in held if choice.choice_id == command.choice_id), None)
    if choice is None:
        raise NotFound("no such choice")
    if choice.withdrawn:
        return Outcome()
    gone = replace(choice, withdrawn=CHOICE.after(choice.state, "withdraw", ["vo"]) == "withdrawn")
    await store.save_choices(conn, [gone])
    return Outcome([Draft(gone.pupil_ref, choice_state(gone, now))])
