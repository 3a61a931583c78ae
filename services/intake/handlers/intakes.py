"""The intake: inviting, planning, missing and recording, by a person or a system, one by one or many at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from services.intake import store
from services.intake.domain import intake as intaking
from services.intake.domain.application import is_mbo
from services.intake.domain.intake import INTAKE, Intake, Invited, Result, Said, faults_of, intake_state
from services.intake.domain.steps import Channel, Says, Step, commanded
from services.intake.handlers.steps import NOT_MBO, Rules, Told, Topic, make, tell
from services.intake.store import Application, steps
from services.intake.store.steps import Place
from shared.core.actor import Actor
from shared.core.clock import civil_date, local_instant
from shared.core.errors import Invalid
from shared.schemas.envelope import EventData, Outcome
from shared.schemas.intakes import IntakeDone, IntakeInvited, IntakeMissed, IntakeOutcome, IntakePlanned
from shared.storage.pool import Connection

Move = Literal["invite", "plan", "miss", "record", "place", "undo"]


@dataclass(frozen=True, slots=True)
class MoveIntake:
    """A move of the intake of one application."""

    application_id: str
    pupil_ref: str
    move: Move
    said: Said | None = None
    """What is told; None where the move says it all (`place`, `undo`)."""
    channel: Channel = "api"
    version: int | None = None
    """That was read before; None: whichever."""

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]

    @property
    def place(self) -> Place:
        return self.application_id, ""


async def move_intake(conn: Connection, command: MoveIntake, actor: Actor, now: datetime) -> Outcome:
    """Make the move. What was recorded already changes nothing. The value is the version there is then.

    Raises `NotFound`, `Stale`, `Forbidden`, `IllegalMove` and `Invalid` (all faults, by field).
    """
    return await make(conn, command, (actor, now), await intakes(conn, actor.organisation, now), RULES)


def _implied(move: str, present: Intake) -> Says | None:
    if move == "place" and present.result and present.result.outcome is IntakeOutcome.PROVISIONAL:
        return replace(present.result, outcome=IntakeOutcome.PLACED, reason=None)
    return None


RULES: Rules[Intake] = Rules(
    INTAKE,
    lambda application, present: intake_state(application.status, present),
    lambda said, present, now: faults_of(said, present, now, civil_date(now)),
    _implied,
)


@dataclass(frozen=True, slots=True)
class InviteAll:
    """Many applicants are invited at once."""

    invitations: Sequence[tuple[str, str]]
    """application_id and pupil_ref of each."""
    said: Invited
    channel: Channel = "api"

    @property
    def subjects(self) -> Sequence[str]:
        return [pupil_ref for _, pupil_ref in self.invitations]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one invitation."""

    application_id: str
    fate: Literal["invited", "unchanged", "refused", "not_found"]
    state: str = ""
    """Where the intake stands, as it was found."""


async def invite_all(conn: Connection, command: InviteAll, actor: Actor, now: datetime) -> Outcome:
    """Invite whoever can be invited: who was invited already stays as they are, who can not be is told apart. The
    value is a list of `Fate`, in the order of the command. Raises `Forbidden` and `Invalid`."""
    INTAKE.after(INTAKE.start, "invite", [actor.role])
    if faults := faults_of(command.said, Intake(), now, civil_date(now)):
        raise Invalid(faults)
    topic = await intakes(conn, actor.organisation, now)
    await store.hold_links(conn)
    ids = list(dict.fromkeys(of for of, _ in command.invitations))
    known = {a.application_id: a for a in await store.applications_of(conn, actor.organisation, ids)}
    before = await steps.steps(conn, actor.organisation, "intake", ids)
    fates, told = [], []
    for of in ids:
        fate = _fate(of, known.get(of), before[of][""])
        fates.append(fate)
        if fate.fate == "invited":
            step = commanded(before[of][""], command.said, now, command.channel, actor.role.value)
            told.append(Told(known[of], "", before[of][""], [step]))
    return Outcome(await tell(conn, actor, now, topic, told), value=fates)


def _fate(of: str, application: Application | None, told: Sequence[Step]) -> Fate:
    if application is None:
        return Fate(of, "not_found")
    if not is_mbo(application.programme, application.pathway):
        return Fate(of, "refused", NOT_MBO)
    state = intake_state(application.status, intaking.present(told))
    if state == "invited":
        return Fate(of, "unchanged", state)
    return Fate(of, "invited" if "invite" in INTAKE.open_moves(state) else "refused", state)


async def intakes(conn: Connection, institution: str, now: datetime) -> Topic[Intake]:
    """How steps of an intake become its state, knowing of which programmes it is mandatory today."""
    duties = await steps.duties(conn, institution, civil_date(now))

    def present(application: Application, told: Sequence[Step]) -> Intake:
        mandatory = duties.get(application.programme, duties.get("", False))
        return replace(intaking.present(told), mandatory=mandatory)

    return Topic("intake", present, steps.save_intakes, event)


def event(application: Application, _: str, intake: Intake, institution: str, now: datetime) -> EventData:
    """The whole intake. Its type says where it stands; *expected* is `intake-invited` without a moment of inviting."""
    common: dict[str, Any] = {
        "application_id": application.application_id,
        "cohort": application.cohort,
        "mbo_institution": institution,
        "programme": application.programme,
        **{name: getattr(intake, name) for name in ("mandatory", "invited_at", "planned_at", "form", "missed")},
        "missed_reason": intake.missed_reason,
    }
    if result := intake.result:
        came_out = {name: getattr(result, name) for name in ("held_on", "outcome", "reason", "advised_programme")}
        return IntakeDone(occurred_at=local_instant(result.held_on), **common, **came_out)
    if intake.state == "planned":
        return IntakePlanned(occurred_at=now, **common)
    if intake.state == "missed":
        assert intake.missed_at
        return IntakeMissed(occurred_at=min(intake.missed_at, now), missed_at=intake.missed_at, **common)
    return IntakeInvited(occurred_at=intake.invited_at or now, answer_by=intake.answer_by, **common)


def held(result: Result) -> datetime:
    """Since when a result of a file counts: the end of the day of the intake, after all that led up to it."""
    return local_instant(result.held_on + timedelta(days=1))
