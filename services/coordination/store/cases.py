"""Cases of children: everything a batch touches is read in a few statements and written in a few."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.coordination.domain.book import Book, Reference
from services.coordination.domain.case import Action, Case, Custody, Offer, OfferState, Risk, Transition, Waiting
from services.coordination.domain.facts import Fact
from services.coordination.domain.position import Position
from shared.schemas.catalog import EVENTS
from shared.schemas.coordination import Custodian, Evidence, Severity
from shared.schemas.envelope import read
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "queries.sql")
EVIDENCE = TypeAdapter(tuple[Evidence, ...])
CUSTODIAN = TypeAdapter(Custodian)
OFFERED = ("offer_id", "situation", "basis", "offered_at", "answer_by", "starts_on", "ended_at", "reason", "note_ref")
"""Fields of an offer that are columns as they are."""
ROUTE = TypeAdapter(tuple[Custodian, ...])
Key = tuple[str, int]
SAME = (
    *("opened_at", "agreement", "weighed_at", "origin", "region", "outcome", "closed_at", "reopened", "weigh_at"),
    *("next_action", "actions", "residence", "heard_from", "follow_at"),
)
"""Fields of a transition that are columns as they are."""


async def load(conn: Connection, refs: Iterable[str], *, may_be_new: bool = True) -> Book:
    """Everything known of these children, under all their references, locked in the order of the references."""
    wanted = sorted(set(refs))
    if may_be_new and wanted:
        await conn.execute(SQL["ensure_pupils"], wanted)
    references = await _references(conn, wanted)
    members = sorted(references)
    links = {(row["survivor"], row["absorbed"]) for row in await conn.fetch(SQL["links"], members)}
    facts: dict[str, dict[str, Fact]] = defaultdict(dict)
    for row in await conn.fetch(SQL["facts"], members):
        facts[row["pupil_ref"]][row["entity"]] = read_fact(row)
    return Book(references, links, facts, await _cases(conn, members))


async def _references(conn: Connection, wanted: list[str]) -> dict[str, Reference]:
    """Follow links until no new reference turns up."""
    found: dict[str, Reference] = {}
    while wanted:
        rows = await conn.fetch(SQL["lock_pupils"], sorted({*wanted, *found}))
        found = {row["pupil_ref"]: Reference(**dict(row)) for row in rows}
        wanted = sorted({reference.root for reference in found.values()} - set(found))
    return found


def read_fact(row: Any) -> Fact:
    """A row of the table `fact`."""
    data = read(EVENTS[row["type"]], row["body"])
    return Fact(row["pupil_ref"], row["entity"], row["sequence"], row["recorded_at"], data, row["first_at"])


async def _cases(conn: Connection, members: list[str]) -> dict[Key, Case]:
    actions: dict[Key, dict[str, Action]] = defaultdict(dict)
    risks: dict[Key, dict[str, Risk]] = defaultdict(dict)
    for row in await conn.fetch(SQL["open_actions"], members):
        actions[_key(row)][row["action_id"]] = _action(row)
    for row in await conn.fetch(SQL["risks"], members):
        risks[_key(row)][row["risk_id"]] = _risk(row)
    offers: dict[Key, tuple[Offer, ...]] = defaultdict(tuple)
    for row in await conn.fetch(SQL["last_offers"], members):
        offers[_key(row)] += (_offer(row),)
    rows = {_key(row): row for row in await conn.fetch(SQL["transitions"], members)}
    return {
        key: Case(*key, _transition(row), (_start(row),), offers[key], actions[key], risks[key])
        for key, row in rows.items()
    }


def _key(row: Any) -> Key:
    return row["pupil_ref"], row["cohort"]


def _custodian(row: Any) -> Custodian:
    return Custodian(organisation=row["organisation"], role=row["role"], contact=row["contact"], deputy=row["deputy"])


def _start(row: Any) -> Custody:
    return Custody(row["n"], row["since"], _custodian(row), row["prev_since"], row["basis"], row["situation"])


def _offer(row: Any) -> Offer:
    return Offer(
        number=row["n"],
        target=_custodian(row),
        holder=CUSTODIAN.validate_json(row["holder"]),
        state=OfferState(row["state"]),
        **{name: row[name] for name in OFFERED},
    )


def _transition(row: Any) -> Transition:
    return Transition(
        **{name: row[name] for name in SAME},
        position=Position(row["position"]),
        live=tuple(row["live"]),
        evidence=EVIDENCE.validate_json(row["evidence"]),
        waiting=Waiting(row["waiting_since"], row["waiting_last"]) if row["waiting_since"] else None,
        handled=frozenset(row["handled"]),
        checks={name: datetime.fromisoformat(at) if at else None for name, at in json.loads(row["checks"]).items()},
    )


def _action(row: Any) -> Action:
    names = ("action_id", "number", "kind", "about", "due_at", "severity", "opened_at", "stage", "step")
    rest = ("escalated_at", "acknowledged_at", "window_from", "window_until")
    return Action(owner=_custodian(row), **{name: row[name] for name in (*names, *rest)})


def _risk(row: Any) -> Risk:
    return Risk(
        risk_id=row["risk_id"],
        rule=row["rule"],
        about=row["about"],
        severity=Severity(row["severity"]),
        evidence=EVIDENCE.validate_json(row["evidence"]),
        route=ROUTE.validate_json(row["route"]),
        agreement=row["agreement"],
        fired_at=row["fired_at"],
        known_until=row["known_until"],
        cleared_at=row["cleared_at"],
        handled=Severity(row["handled"]) if row["handled"] else None,
        acknowledged_at=row["acknowledged_at"],
        dismissed=Severity(row["dismissed"]) if row["dismissed"] else None,
        dismissed_reason=row["dismissed_reason"],
    )


async def save(conn: Connection, book: Book) -> None:
    """Write what changed. Actions and offers go last: closing one may be what ends the right to see the case."""
    if book.erased:
        await conn.execute(SQL["erase"], sorted(book.erased))
    changed = book.changed_cases()
    await write(conn, "save_pupils", [(r.pupil_ref, r.root, r.erased, r.name) for r in book.changed_references()])
    await write(conn, "save_links", sorted(book.links - book.loaded.links))
    await write(conn, "save_facts", [_fact_row(fact) for fact in book.changed_facts()])
    await write(conn, "append_custody", [row for old, new in changed for row in _custody_rows(old, new)])
    await write(conn, "save_transitions", [_transition_row(new) for _, new in changed])
    await write(conn, "save_risks", [_risk_row(new, r) for old, new in changed for r in _fresh(old.risks, new.risks)])
    await write(
        conn, "save_actions", [_action_row(new, a) for old, new in changed for a in _fresh(old.actions, new.actions)]
    )
    await write(conn, "save_offers", [row for old, new in changed for row in _offer_rows(old, new)])


async def write(conn: Connection, query: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a query that takes one array per column; nothing for no rows."""
    if rows:
        await conn.execute(SQL[query], *(list(column) for column in zip(*rows, strict=True)))


def _fresh(old: Any, new: Any) -> Iterator[Any]:
    return (item for key, item in new.items() if old.get(key) != item)


def _fact_row(fact: Fact) -> tuple[Any, ...]:
    body = fact.data.model_dump_json(exclude_none=True, exclude={"recorded_by"})
    return fact.subject, fact.entity, fact.data.TYPE, fact.sequence, fact.at, body, fact.first_at


def _custody_rows(old: Case, new: Case) -> Iterator[tuple[Any, ...]]:
    last = old.custody[-1].number if old.custody else 0
    for start in new.custody:
        if start.number > last:
            yield (
                new.pupil_ref,
                new.cohort,
                start.number,
                start.since,
                start.previous,
                *_owner(start.holder),
                start.basis,
                start.situation,
            )


def _offer_rows(old: Case, new: Case) -> Iterator[tuple[Any, ...]]:
    for offer in new.offers:
        if offer not in old.offers:
            same = (getattr(offer, name) for name in OFFERED)
            holder = CUSTODIAN.dump_json(offer.holder).decode()
            yield new.pupil_ref, new.cohort, offer.number, *_owner(offer.target), holder, offer.state.value, *same


def _owner(who: Custodian) -> tuple[Any, ...]:
    return who.organisation, who.role, who.contact, who.deputy


def _transition_row(case: Case) -> tuple[Any, ...]:
    t = case.transition
    assert t
    checks = json.dumps({name: at.isoformat() if at else None for name, at in t.checks.items()})
    waiting = (t.waiting.since, t.waiting.last) if t.waiting else (None, None)
    told = (t.position.value, "{" + ",".join(t.live) + "}", EVIDENCE.dump_json(t.evidence).decode(), *waiting)
    same = (getattr(t, name) for name in SAME)
    handled = "{" + ",".join(sorted(t.handled)) + "}"
    return case.pupil_ref, case.cohort, *same, *told, handled, checks, case.custody[-1].number


def _action_row(case: Case, a: Action) -> tuple[Any, ...]:
    times = (a.opened_at, a.escalated_at, a.done_at)
    what = (a.number, a.kind, a.about, *_owner(a.owner), a.due_at, a.severity, a.stage, a.step)
    return (
        a.action_id,
        case.pupil_ref,
        case.cohort,
        *what,
        *times,
        a.reason,
        a.acknowledged_at,
        a.window_from,
        a.window_until,
    )


def _risk_row(case: Case, risk: Risk) -> tuple[Any, ...]:
    values = asdict(risk) | {
        "severity": risk.severity.value,
        "evidence": EVIDENCE.dump_json(risk.evidence).decode(),
        "route": ROUTE.dump_json(risk.route).decode(),
        "handled": risk.handled.value if risk.handled else None,
        "dismissed": risk.dismissed.value if risk.dismissed else None,
    }
    names = ("rule", "about", "severity", "evidence", "route", "agreement", "fired_at", "known_until", "cleared_at")
    more = ("handled", "acknowledged_at", "dismissed", "dismissed_reason")
    return risk.risk_id, case.pupil_ref, case.cohort, *(values[n] for n in (*names, *more))
