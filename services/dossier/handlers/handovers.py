"""Handing over a dossier: the moves of both sides, and the readings of the institution."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from services.dossier import store
from services.dossier.domain.access import ANSWERING, Verdict, may_read
from services.dossier.domain.handover import (
    LIVE,
    Handover,
    Move,
    contents,
    handover_state,
    make_move,
    may_be_offered,
    open_moves,
    prepared,
    supplemented,
)
from services.dossier.domain.transfer import CARE, LISTED, Preparation
from services.dossier.handlers.mine.sharing import shared_with, shares_with
from services.dossier.handlers.sides import require_side, side_of
from services.dossier.handlers.talks.requests import for_offers as talks_for
from services.dossier.handlers.transfer.preparation import preparations
from services.dossier.handlers.transfer.readers import of_institution
from services.dossier.store import transfer
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Forbidden, IllegalMove, NotFound
from shared.core.ids import opaque_ref
from shared.schemas.envelope import Draft, Outcome
from shared.storage.pool import Connection

OBSTACLES = {
    "no_application": "no application received",
    "objection": "objection to the whole dossier",
    "not_informed": "family not informed",
}
"""Why a dossier can not be offered: code, and the state that a refusal names."""
Purpose = Literal["handover", "intake", "guidance"]


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
class Supplement:
    """The school lets what was finished since go with a handover that is live."""

    pupil_ref: str
    handover_id: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class Read:
    """Somebody reads a dossier that was handed over to their institution."""

    handover_id: str
    care: bool = False
    """The care part, which never comes with the rest."""
    purpose: Purpose | None = None
    """None: what the state of the handover and the role make likely."""
    subjects: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Receive:
    """An institution has these handovers in its list."""

    handovers: Sequence[Handover]

    @property
    def subjects(self) -> Sequence[str]:
        return [handover.pupil_ref for handover in self.handovers]


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of a number of offers; the rest was offered before."""

    drafts: list[Draft]
    refused: dict[Offer, tuple[str, ...]]
    """Codes of everything that is in the way."""


async def offer_all(conn: Connection, vo_site: str, offers: Sequence[Offer], now: datetime) -> Offered:
    """Offer what was never offered before and may be."""
    held = await store.handovers(conn, vo_site, {offer.pupil_ref for offer in offers})
    before = {(h.pupil_ref, h.cohort, h.mbo_institution) for made in held.values() for h in made}
    wanted = [offer for offer in offers if offer.place not in before]
    ready = await _prepare(conn, vo_site, wanted)
    found = await obstacles(conn, ready, now)
    made = await _make(conn, vo_site, {offer: ready[offer] for offer in wanted if not found[offer]}, now)
    return Offered(made, {offer: codes for offer, codes in found.items() if codes})


async def _prepare(conn: Connection, vo_site: str, offers: Sequence[Offer]) -> dict[Offer, Preparation]:
    """What would go with each of these."""
    found: dict[tuple[str, int], Preparation] = {}
    for cohort in {offer.cohort for offer in offers}:
        refs = {offer.pupil_ref for offer in offers if offer.cohort == cohort}
        ready = await preparations(conn, vo_site, cohort, refs)
        found |= {(ref, cohort): preparation for ref, preparation in ready.items()}
    return {offer: found[offer.pupil_ref, offer.cohort] for offer in offers}


async def obstacles(
    conn: Connection, ready: Mapping[Offer, Preparation], now: datetime
) -> dict[Offer, tuple[str, ...]]:
    """Of each offer the codes (:data:`OBSTACLES`) of everything that is in its way; empty: it can be made."""
    received = await _received(conn, {offer.pupil_ref for offer in ready})
    return {
        offer: (
            *(() if may_be_offered(received[offer.place]) else ("no_application",)),
            *preparation.obstacles(civil_date(now)),
        )
        for offer, preparation in ready.items()
    }


async def _received(conn: Connection, refs: set[str]) -> dict[tuple[str, int, str], list[Any]]:
    """Statuses of applications by pupil, cohort and institution."""
    found: dict[tuple[str, int, str], list[Any]] = defaultdict(list)
    for ref, applications in (await store.applications(conn, refs)).items():
        for application in applications:
            found[ref, application.cohort, application.mbo_institution].append(application.status)
    return found


async def _make(conn: Connection, vo_site: str, ready: Mapping[Offer, Preparation], now: datetime) -> list[Draft]:
    counts = await store.handovers_so_far(conn, [offer.place for offer in ready])
    made = []
    for offer, preparation in ready.items():
        ref, cohort, institution = offer.place
        handover_id = opaque_ref("handover", ref, str(cohort), institution, str(counts[offer.place] + 1))
        draft = Handover(handover_id, ref, cohort, vo_site, institution, offer.kind)
        made.append(make_move(prepared(draft, preparation), "offer", "vo", now))
    await store.add_handovers(conn, made)
    offered = [Draft(handover.pupil_ref, handover_state(handover, now)) for handover in made]
    return offered + await talks_for(conn, made, now)


async def offer(conn: Connection, command: Offer, actor: Actor, now: datetime) -> Outcome:
    """Offer one dossier, also again after a refusal. The answer is the key of the handover.

    Raises `IllegalMove` while an earlier offer to this institution stands, or with everything that is in its way.
    """
    require_side(actor, "vo")
    if not await store.pupils(conn, actor.organisation, command.cohort, command.pupil_ref):
        raise NotFound("no such pupil")
    held = (await store.handovers(conn, actor.organisation, [command.pupil_ref]))[command.pupil_ref]
    for other in held:
        if other.status in LIVE and (other.cohort, other.mbo_institution) == (command.cohort, command.mbo_institution):
            raise IllegalMove("handover", other.status, "offer", open_moves(other.status, "vo"))
    ready = await _prepare(conn, actor.organisation, [command])
    if found := (await obstacles(conn, ready, now))[command]:
        raise IllegalMove("handover", ", ".join(OBSTACLES[code] for code in found), "offer", ())
    drafts = await _make(conn, actor.organisation, ready, now)
    return Outcome(drafts, value=drafts[0].data.handover_id)  # type: ignore[attr-defined]


async def receive(conn: Connection, command: Receive, actor: Actor, now: datetime) -> Outcome:
    """Write down that these came in. Who has one in a list has not read it."""
    require_side(actor, "mbo")
    keys = [handover.handover_id for handover in command.handovers]
    fresh = await store.receive_handovers(conn, actor.organisation, keys, now)
    come_in = [h for h in await store.addressed(conn, actor.organisation) if h.handover_id in fresh]
    return Outcome([Draft(handover.pupil_ref, handover_state(handover, now)) for handover in come_in])


async def step(conn: Connection, command: Step, actor: Actor, now: datetime) -> Outcome:
    """Make a move on the ladder. Two that race meet on the row: the second finds another state and is refused.

    Opening is the first reading, and is written down as one.
    """
    side = side_of(actor)
    if side is None:
        raise Forbidden("neither the school nor the institution")
    if side == "mbo" and actor.role not in ANSWERING:
        raise Forbidden("an offer is answered by who does the intake")
    held = await store.handover(conn, command.handover_id, actor.organisation, lock=True)
    if held is None:
        raise NotFound("no such handover")
    moved = make_move(held, command.move, side, now, (command.reason, command.text))
    await store.move_handover(conn, moved)
    if command.move == "open":
        shown = readable(actor, moved)
        who = (actor.organisation, actor.role.value, actor.person_ref)
        await store.add_access(conn, store.Access(moved.handover_id, now, *who, shown, "handover", opening=True))
    return Outcome([Draft(moved.pupil_ref, handover_state(moved, now))], value=moved)


async def supplement(conn: Connection, command: Supplement, actor: Actor, now: datetime) -> Outcome:
    """Let what was finished since go too, also after acceptance. Nothing new changes nothing.

    Raises `IllegalMove` when it has ended, or when the family was not told of what is new.
    """
    require_side(actor, "vo")
    held = await store.handover(conn, command.handover_id, actor.organisation, lock=True)
    if held is None:
        raise NotFound("no such handover")
    ready = (await preparations(conn, held.vo_site, held.cohort, [held.pupil_ref]))[held.pupil_ref]
    fresh = supplemented(held, ready)
    if fresh == held:
        return Outcome(value=held)
    if found := ready.obstacles(civil_date(now)):
        raise IllegalMove("handover", ", ".join(OBSTACLES[code] for code in found), "supplement", ())
    await store.move_handover(conn, fresh)
    return Outcome([Draft(fresh.pupil_ref, handover_state(fresh, now))], value=fresh)


def readable(actor: Actor, held: Handover, *, care: bool = False) -> tuple[str, ...]:
    """The categories of a handover that somebody of its institution may read now: of the care part, or of the rest."""
    reader = of_institution(actor)
    return tuple(
        code for code in held.categories if (code in CARE) == care and may_read(reader, held.status, code).allowed
    )


def verdict(actor: Actor, held: Handover, *, care: bool = False) -> Verdict:
    """Whether somebody of the institution may read this part now, whatever is in it."""
    return may_read(of_institution(actor), held.status, min(CARE) if care else LISTED[0])


async def read(conn: Connection, command: Read, actor: Actor, now: datetime) -> Outcome:
    """Read a dossier that was opened before; every reading is written down. The answer is its content by category.

    Raises `IllegalMove` before the state of the handover allows it and after the offer ended, `Forbidden` for a role
    that may not.
    """
    require_side(actor, "mbo")
    held = await store.handover(conn, command.handover_id, actor.organisation)
    if held is None:
        raise NotFound("no such handover")
    allowed = verdict(actor, held, care=command.care)
    if allowed.code == "role":
        raise Forbidden("not for this role in this state")
    if not allowed.allowed:
        raise IllegalMove("handover", held.status, "read", open_moves(held.status, "mbo"))
    shown = readable(actor, held, care=command.care)
    who = (actor.organisation, actor.role.value, actor.person_ref)
    purpose = command.purpose or allowed.code
    own = await shared_with(conn, held) if not command.care and shares_with(actor, held) else {}
    await store.add_access(conn, store.Access(held.handover_id, now, *who, (*shown, *own), purpose))
    return Outcome(value=await _contents(conn, held, shown, actor) | own)


async def _contents(conn: Connection, held: Handover, shown: Sequence[str], actor: Actor) -> dict[str, Any]:
    """What these categories say; nothing of any other is fetched."""
    written = await transfer.sections_of(conn, transfer.Place(held.vo_site, held.cohort, held.pupil_ref), shown)
    only = replace(held, categories=tuple(shown))
    if not set(shown) & set(LISTED):
        return contents(only, None, [], written)
    pupils = await store.offered_pupils(conn, actor.organisation, held.handover_id)
    choices = await store.offered_choices(conn, actor.organisation, held.handover_id)
    return contents(only, pupils[held.pupil_ref, held.cohort, held.vo_site], choices, written)
