"""Handing over a dossier: the moves of both sides, and the readings of the institution."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.dossier import store
from services.dossier.domain.handover import (
    LIVE,
    READABLE,
    Handover,
    Move,
    contents,
    handover_state,
    make_move,
    may_be_offered,
    open_moves,
)
from services.dossier.handlers.sides import require_side, side_of
from shared.core.actor import Actor
from shared.core.errors import Forbidden, IllegalMove, NotFound
from shared.core.ids import opaque_ref
from shared.schemas.envelope import Draft, Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class Offer:
    """The school offers a dossier to an institution."""

    pupil_ref: str
    cohort: int
    mbo_institution: str
    kind: Literal["cold", "warm"]

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]

    @property
    def place(self) -> tuple[str, int, str]:
        """What makes two offers the same."""
        return self.pupil_ref, self.cohort, self.mbo_institution


@dataclass(frozen=True, slots=True)
class Step:
    """Any later move of either side."""

    pupil_ref: str
    handover_id: str
    move: Move
    reason: str | None = None
    text: str | None = None

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody reads a dossier that was handed over to their institution."""

    handover_id: str
    subjects: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of a number of offers; the rest was offered before."""

    drafts: list[Draft]
    too_early: list[Offer]
    """No application was received yet."""


async def offer_all(conn: Connection, vo_site: str, offers: Sequence[Offer], now: datetime) -> Offered:
    """Offer what was never offered before and may be."""
    refs = {offer.pupil_ref for offer in offers}
    held = await store.handovers(conn, vo_site, refs)
    before = {(h.pupil_ref, h.cohort, h.mbo_institution) for made in held.values() for h in made}
    wanted = [offer for offer in offers if offer.place not in before]
    allowed = await _received(conn, refs)
    ready = [offer for offer in wanted if may_be_offered(allowed[offer.place])]
    made = await _make(conn, vo_site, ready, now)
    return Offered(made, [offer for offer in wanted if offer not in ready])


async def _received(conn: Connection, refs: set[str]) -> dict[tuple[str, int, str], list[Any]]:
    """Statuses of applications by pupil, cohort and institution."""
    found: dict[tuple[str, int, str], list[Any]] = defaultdict(list)
    for ref, applications in (await store.applications(conn, refs)).items():
        for application in applications:
            found[ref, application.cohort, application.mbo_institution].append(application.status)
    return found


async def _make(conn: Connection, vo_site: str, offers: Sequence[Offer], now: datetime) -> list[Draft]:
    counts = await store.handovers_so_far(conn, [offer.place for offer in offers])
    made = []
    for offer in offers:
        ref, cohort, institution = offer.place
        handover_id = opaque_ref("handover", ref, str(cohort), institution, str(counts[offer.place] + 1))
        draft = Handover(handover_id, ref, cohort, vo_site, institution, offer.kind)
        made.append(make_move(draft, "offer", "vo", now))
    await store.add_handovers(conn, made)
    return [Draft(handover.pupil_ref, handover_state(handover, now)) for handover in made]


async def offer(conn: Connection, command: Offer, actor: Actor, now: datetime) -> Outcome:
    """Offer one dossier, also again after a refusal. The answer is the key of the handover.

    Raises `IllegalMove` while an earlier offer to this institution stands, or while it has received no application.
    """
    require_side(actor, "vo")
    if not await store.pupils(conn, actor.organisation, command.cohort, command.pupil_ref):
        raise NotFound("no such pupil")
    held = (await store.handovers(conn, actor.organisation, [command.pupil_ref]))[command.pupil_ref]
    for other in held:
        if other.status in LIVE and (other.cohort, other.mbo_institution) == (command.cohort, command.mbo_institution):
            raise IllegalMove("handover", other.status, "offer", open_moves(other.status, "vo"))
    if not may_be_offered((await _received(conn, {command.pupil_ref}))[command.place]):
        raise IllegalMove("handover", "no application received", "offer", ())
    drafts = await _make(conn, actor.organisation, [command], now)
    return Outcome(drafts, value=drafts[0].data.handover_id)  # type: ignore[attr-defined]


async def step(conn: Connection, command: Step, actor: Actor, now: datetime) -> Outcome:
    """Make a move on the ladder. Two that race meet on the row: the second finds another state and is refused.

    Opening is the first reading, and is written down as one.
    """
    side = side_of(actor)
    if side is None:
        raise Forbidden("neither the school nor the institution")
    held = await store.handover(conn, command.handover_id, actor.organisation, lock=True)
    if held is None:
        raise NotFound("no such handover")
    moved = make_move(held, command.move, side, now, (command.reason, command.text))
    await store.move_handover(conn, moved)
    if command.move == "open":
        await _write_down(conn, moved, actor, now, "first reading")
    return Outcome([Draft(moved.pupil_ref, handover_state(moved, now))], value=moved)


async def read(conn: Connection, command: Read, actor: Actor, now: datetime) -> Outcome:
    """Read a dossier that was opened before; every reading is written down. The answer is its content by category.

    Raises `IllegalMove` before the first opening and after the offer ended.
    """
    require_side(actor, "mbo")
    held = await store.handover(conn, command.handover_id, actor.organisation)
    if held is None:
        raise NotFound("no such handover")
    if held.status not in READABLE:
        raise IllegalMove("handover", held.status, "read", open_moves(held.status, "mbo"))
    pupils = await store.offered_pupils(conn, actor.organisation, held.handover_id)
    choices = await store.offered_choices(conn, actor.organisation, held.handover_id)
    await _write_down(conn, held, actor, now, "reading")
    return Outcome(value=contents(held, pupils[held.pupil_ref, held.cohort, held.vo_site], choices))


async def _write_down(conn: Connection, handover: Handover, actor: Actor, now: datetime, purpose: str) -> None:
    shown = tuple(name for name in handover.categories if name not in handover.withheld)
    who = (actor.organisation, actor.role.value, actor.person_ref)
    await store.add_access(conn, store.Access(handover.handover_id, now, *who, shown, purpose))
