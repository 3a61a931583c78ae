"""The history checker: per pupil, was everything sent in order, handled exactly once, and never without a custodian?

It knows the promises, not the code: it folds what was told with rules of its own and compares. Pure functions of the
evidence; an empty list is good.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar

from tests.faults.history import Evidence, Finding, Told

WITHIN = timedelta(minutes=5)
"""Custody begins at the latest this long after a pupil is expected."""
T = TypeVar("T")


def check(evidence: Evidence) -> list[Finding]:
    """Every promise, of every pupil."""
    return [
        finding for rule in (histories, topics, once, chains, alerts, custody, accounts) for finding in rule(evidence)
    ]


def _by(items: Iterable[T], key: Any) -> dict[Any, list[T]]:
    groups: dict[Any, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def _stream(one: Any) -> tuple[str, str]:
    return one.service, one.subject


def histories(evidence: Evidence) -> Iterator[Finding]:
    """The numbers of a subject are 1 to n, each once; and nothing decided still waits to be sent."""
    for (service, subject), events in _by(evidence.told, _stream).items():
        numbers = sorted(event.sequence for event in events)
        if numbers != list(range(1, len(numbers) + 1)):
            yield Finding("history", service, subject, f"numbers {numbers}")
    for service, subject in evidence.unsent:
        yield Finding("unsent", service, subject, "decided and not sent")


def topics(evidence: Evidence) -> Iterator[Finding]:
    """Every event told lies on its topic, nothing else does, in one partition and in order of first appearance."""
    told = {event.event_id: event for event in evidence.told}
    present = {(record.topic, record.event_id) for record in evidence.lain}
    for event in evidence.told:
        if (event.topic, event.event_id) not in present:
            yield Finding("unsent", event.service, event.subject, f"{event.type} is not on its topic")
    for record in evidence.lain:
        if record.event_id not in told:
            yield Finding("invented", record.service, record.subject, f"{record.event_id} was never told")
    for (topic, service, subject), records in _by(evidence.lain, lambda r: (r.topic, *_stream(r))).items():
        if len({record.partition for record in records}) > 1:
            yield Finding("order", service, subject, f"in several partitions of {topic}")
        first = list(dict.fromkeys(r.sequence for r in sorted(records, key=lambda r: r.offset)))
        if first != sorted(first):
            yield Finding("order", service, subject, f"first appear on {topic} as {first}")


def once(evidence: Evidence) -> Iterator[Finding]:
    """Every consumer handled every event exactly once, or set it apart; and nothing that nobody told."""
    times = Counter(evidence.handled)
    known = {event.event_id for event in evidence.told}
    for event in evidence.told:
        for consumer in evidence.consumers.get(event.topic, ()):
            found = times[consumer, event.event_id]
            if found == 0 and (consumer, event.event_id) not in evidence.apart:
                yield Finding("lost", consumer, event.subject, f"{event.type} of {event.service} never handled")
            elif found > 1:
                yield Finding("twice", consumer, event.subject, f"{event.type} handled {found} times")
    for consumer, event_id in times:
        if event_id not in known:
            yield Finding("invented", consumer, event_id, "handled and never told")


def chains(evidence: Evidence) -> Iterator[Finding]:
    """What happens once per pupil was told once, and what is stored is what was told, folded once."""
    events = [event for event in evidence.told if event.service == "coordination"]
    for kind in ("transition", "custody", "action"):
        for (subject, *_), told in _by((e for e in events if e.type.startswith(kind)), _entity).items():
            states = [_state(event) for event in sorted(told, key=lambda e: e.sequence)]
            if any(before == after for before, after in pairwise(states)):
                yield Finding("twice", "coordination", subject, f"{kind} told again though nothing changed")
    expected = Counter(e.subject for e in evidence.told if e.type == "pupil-expected")
    opened = {e.subject for e in events if e.type == "transition-opened"}
    for pupil in evidence.pupils:
        if expected[pupil] != 1 or pupil not in opened:
            what = f"expected {expected[pupil]} times, {'' if pupil in opened else 'not '}opened"
            yield Finding("state", "coordination", pupil, what)
    stored = evidence.stored
    yield from _same("custody", _custody(events), stored.custody)
    yield from _same("actions", _standing(events, "action_id", "action"), stored.open_actions)
    yield from _same("risks", _standing(events, "risk_id", "student-at-risk"), stored.standing_risks)
    yield from _same("transitions", _open(events), stored.open_transitions)


def _entity(event: Told) -> tuple[Any, ...]:
    """The transition, the custodian or the action that an event is about."""
    return event.subject, event.data["cohort"], event.data.get("number"), event.data.get("action_id")


def _state(event: Told) -> tuple[str, dict[str, Any]]:
    """What an event says, without when and by whom it was said."""
    return event.type, {k: v for k, v in event.data.items() if k not in ("occurred_at", "recorded_by")}


def _same(name: str, folded: set[Any], stored: frozenset[Any]) -> Iterator[Finding]:
    for one in sorted(folded ^ stored):
        where = "told and not stored" if one in folded else "stored and not told"
        yield Finding("state", "coordination", str(one), f"{name}: {where}")


def _custody(events: list[Told]) -> set[tuple[str, int, int, datetime, str, str]]:
    return {
        (
            e.subject,
            e.data["cohort"],
            e.data["number"],
            datetime.fromisoformat(e.data["since"]),
            e.data["holder"]["organisation"],
            e.data["holder"]["role"],
        )
        for e in events
        if e.type == "custody-changed"
    }


def _standing(events: list[Told], key: str, kind: str) -> set[str]:
    """Entities whose last word is not their ending."""
    last = {e.data[key]: e.type for e in sorted(events, key=lambda e: e.sequence) if e.type.startswith(kind)}
    return {name for name, word in last.items() if not word.endswith(("-done", "-cleared"))}


def _open(events: list[Told]) -> set[tuple[str, int]]:
    kinds = ("transition-opened", "transition-closed")
    ordered = sorted((e for e in events if e.type in kinds), key=lambda e: e.sequence)
    last = {(e.subject, e.data["cohort"]): e.type for e in ordered}
    return {key for key, kind in last.items() if kind == "transition-opened"}


def alerts(evidence: Evidence) -> Iterator[Finding]:
    """One alert per firing and hearer: told once, stored, and nobody on the route of a standing risk is left out."""
    raised = Counter(e.data["alert_id"] for e in evidence.told if e.type == "alert-raised")
    stored = {alert.alert_id: alert for alert in evidence.stored.alerts}
    for alert_id, found in raised.items():
        if found > 1:
            yield Finding("twice", "notifications", alert_id, f"raised {found} times")
    for alert_id in raised.keys() ^ stored.keys():
        yield Finding("state", "notifications", alert_id, "stored and told are not the same")
    heard = Counter((a.cause, a.organisation, a.role) for a in stored.values() if not a.resolved)
    for (cause, organisation, _), found in heard.items():
        if found > 1:
            yield Finding("twice", "notifications", cause, f"{organisation} has {found} open alerts")
    everybody = {(a.cause, a.organisation, a.role) for a in stored.values()}
    risks = (e for e in evidence.told if e.type.startswith("student-at-risk"))
    last = {e.data["risk_id"]: e for e in sorted(risks, key=lambda e: e.sequence)}
    for risk_id, event in last.items():
        for hearer in event.data["route"] if event.type == "student-at-risk" else ():
            if (risk_id, hearer["organisation"], hearer["role"]) not in everybody:
                yield Finding("lost", "notifications", event.subject, f"{hearer['organisation']} never hears a risk")


def custody(evidence: Evidence) -> Iterator[Finding]:
    """From `pupil-expected` until the transition closes: exactly one custodian, and one next action."""
    expected = {(e.subject, e.data["cohort"]): e.at for e in reversed(evidence.told) if e.type == "pupil-expected"}
    events = [e for e in evidence.told if e.service == "coordination" and "cohort" in e.data]
    for key, told in _by(events, lambda e: (e.subject, e.data["cohort"])).items():
        told.sort(key=lambda e: e.sequence)
        opened = next((e.at for e in told if e.type == "transition-opened"), None)
        if opened and key in expected and opened - expected[key] > WITHIN:
            yield Finding("custody", "coordination", key[0], f"without custodian for {opened - expected[key]}")
        yield from _at_every_instant(told)


def _at_every_instant(told: list[Told]) -> Iterator[Finding]:
    """After each transaction of one transition: is somebody responsible, and is there one thing to do next?"""
    is_open, holders, todo = False, 0, dict[str, tuple[datetime, int, str]]()
    since: datetime | None = None
    for index, event in enumerate(told):
        data, finding = event.data, None
        if event.type in ("transition-opened", "transition-closed"):
            is_open = event.type == "transition-opened"
        elif event.type == "custody-changed":
            begins = datetime.fromisoformat(data["since"])
            if data["number"] != holders + 1 or (since and begins < since):
                finding = f"custody {data['number']} after {holders}"
            holders, since = data["number"], begins
        elif event.type == "action-done":
            todo.pop(data["action_id"], None)
        elif event.type in ("action-opened", "action-overdue"):
            todo[data["action_id"]] = (datetime.fromisoformat(data["due_at"]), -data["severity"], data["action_id"])
        if finding:
            yield Finding("custody", "coordination", event.subject, finding)
        if index + 1 < len(told) and told[index + 1].transaction == event.transaction:
            continue
        if is_open and not (holders and todo):
            what = f"after number {event.sequence}: {holders} custodians, {len(todo)} actions"
            yield Finding("custody", "coordination", event.subject, what)
        if not is_open and todo:
            yield Finding("custody", "coordination", event.subject, f"closed with {len(todo)} actions")


def accounts(evidence: Evidence) -> Iterator[Finding]:
    """Received = applied + unchanged + skipped + quarantined; no more applied than was handled."""
    topic_of = {event.event_id: event.topic for event in evidence.told}
    handled = Counter((service, topic_of.get(event_id, "")) for service, event_id in evidence.handled)
    for one in evidence.fates:
        if one.received != one.applied + one.unchanged + one.skipped + one.quarantined:
            yield Finding("account", one.service, one.entrance, f"does not add up: {one}")
        if one.entrance in evidence.consumers and one.applied > handled[one.service, one.entrance]:
            yield Finding("account", one.service, one.entrance, f"more applied than handled: {one}")
