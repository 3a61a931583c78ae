"""What an institution decides on an application: a command becomes a fact, beside what other sources tell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.intake import store
from services.intake.domain.application import APPLICATION, Fact, before, decided, reason_faults
from services.intake.handlers.applications import changed, state_of
from services.intake.store import Application, steps
from shared.core.actor import Actor
from shared.core.errors import IllegalMove, Invalid, NotFound, Stale
from shared.schemas.envelope import Outcome
from shared.schemas.intakes import ApplicationStatus
from shared.storage.pool import Connection

Decision = Literal["receive", "offer", "enrol", "reject", "withdraw", "reopen", "undo"]


@dataclass(frozen=True, slots=True)
class Decide:
    """A decision on one application."""

    application_id: str
    pupil_ref: str
    move: Decision
    reason: str | None = None
    """Code; needed with `reject` and `withdraw`."""
    door: Literal["api", "page"] = "api"
    facts: int | None = None
    """How many facts were known when somebody looked: its version. None: whichever."""

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def decide(conn: Connection, command: Decide, actor: Actor, now: datetime) -> Outcome:
    """Decide. The value is the version (number of facts) there is then.

    Raises `NotFound`, `Stale`, `Forbidden`, `IllegalMove` and `Invalid` (all faults, by field).
    """
    await store.hold_links(conn)
    institution, of = actor.organisation, command.application_id
    application = await store.application(conn, institution, of)
    if application is None:
        raise NotFound(f"application {of}")
    told = (await store.facts(conn, institution, [of]))[of]
    if command.facts is not None and command.facts != len(told):
        raise Stale("application", len(told), max(fact.arrived for fact in told))
    status, reason = await _next(conn, command, actor, application, told)
    fact = decided(told, status, (command.door, now), reason)
    state = state_of(of, application.own_id, application.pupil_ref, [*told, fact])
    state = replace(state, shadow=application.shadow)
    await store.save_applications(conn, institution, [state])
    await store.add_facts(conn, institution, [(of, fact)])
    return Outcome([changed(state, institution)], value=len(told) + 1)


async def _next(
    conn: Connection, command: Decide, actor: Actor, application: Application, told: Sequence[Fact]
) -> tuple[ApplicationStatus, str | None]:
    """The status that the decision leads to, and its reason."""
    state, move = application.status.value, command.move
    following = APPLICATION.after(state, move, [actor.role])
    if move == "undo":
        earlier = before(told)
        if earlier is None or not APPLICATION.allows(state, move, earlier.status):
            raise _refused(state, move)
        return earlier.status, earlier.reason
    if (state, move) == ("enrolled", "withdraw"):
        student = await steps.versions(conn, actor.organisation, "enrolment", [application.application_id])
        if student:
            raise IllegalMove("application", "enrolled, and its start or end is told", move, [])
    if faults := reason_faults(move, command.reason):
        raise Invalid(faults)
    return ApplicationStatus(following), command.reason


def _refused(state: str, move: str) -> IllegalMove:
    return IllegalMove("application", state, move, [other for other in APPLICATION.open_moves(state) if other != move])
