"""`overstap explain`: the whole story of one pupil in order, from the histories of all services. Codes only, no names.

What went over an encrypted topic is named without its content.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.core.errors import NotFound
from shared.operate.quiet import SQL
from shared.schemas.catalog import SERVICES
from shared.storage.pool import Connection

Data = Mapping[str, Any]
LEFT_OUT = {"cohort", "occurred_at", "recorded_by", "dataref"}
"""Of every event: told otherwise, or of no use to a reader."""
OFFERS = ("custody-offered", "custody-accepted", "custody-returned")
"""Events that each hold the whole state of an offer of custody."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event, as it was recorded."""

    at: datetime
    service: str
    type: str
    cohort: int
    subject: str
    data: Data
    """Empty: it went over an encrypted topic."""

    @property
    def line(self) -> str:
        """The event on one line: when, who recorded it, what, and the codes and dates it holds."""
        by = self.data.get("recorded_by") or {}
        who = f"{by['organisation']} {by['role']}" if by and by["role"] != "system" else self.service
        return f"{self.at:%Y-%m-%d %H:%M}  {who:<26} {self.type:<26} {said(self.data)}".rstrip()


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is known of one child in one cohort."""

    refs: Sequence[str]
    """All references of the child; the one that survives goes first."""
    cohort: int
    events: Sequence[Happened]

    def lines(self) -> Iterator[str]:
        """For people: who had the pupil, who was asked and what they answered, which rule fired on what, what was due,
        and then everything in order."""
        yield f"{self.refs[0]}, cohort {self.cohort}" + (f" (also {', '.join(self.refs[1:])})" if self.refs[1:] else "")
        for title, part in (
            ("Who had the pupil", custodians(self.events)),
            ("To whom the pupil was offered", offers(self.events)),
            ("Who took the pupil on", acceptances(self.events)),
            ("Who gave the pupil back", returns(self.events)),
            ("Which rule fired, on which facts", risks(self.events)),
            ("What was due", actions(self.events)),
        ):
            yield from ("", title, *(f"  {line}" for line in part or ["nothing"]))
        yield from ("", "Everything, as it was recorded (UTC)", *(f"  {event.line}" for event in self.events))


async def explain(conn: Connection, ref: str, cohort: int | None = None) -> list[Story]:
    """The story of a pupil per cohort, oldest first. Raises `NotFound` when no service ever told of the reference."""
    refs = [row["pupil_ref"] for row in await conn.fetch(SQL["family"], ref)] or [ref]
    found: list[Happened] = []
    for service in SERVICES:
        rows = await conn.fetch(SQL["told_of"].format(service=service), refs)
        found += [_happened(service, row) for row in rows]
    if not found:
        raise NotFound(f"no service ever told of {ref}")
    found.sort(key=lambda event: event.at)
    years = sorted({event.cohort for event in found if event.cohort}) or [0]
    return [
        Story(refs, year, [event for event in found if event.cohort in (0, year)])
        for year in years
        if cohort in (None, year)
    ]


def _happened(service: str, row: Any) -> Happened:
    data = json.loads(row["payload"]) if row["payload"].startswith("{") else {}
    return Happened(row["recorded_at"], service, row["type"], row["cohort"], row["subject"], data)


def custodians(events: Sequence[Happened]) -> list[str]:
    """From when to when each custodian had the pupil."""
    starts = [e for e in events if e.type == "custody-changed"]
    ends = [_day(e.data["since"]) for e in starts[1:]] + [_end(events)]
    return [
        f"{_day(start.data['since'])} - {end or 'now':<16} {_party(start.data['holder'])} ({start.data['basis']})"
        for start, end in zip(starts, ends, strict=True)
    ]


def _end(events: Sequence[Happened]) -> str | None:
    last = next((e for e in reversed(events) if e.type.startswith("transition-")), None)
    return f"{last.at:%Y-%m-%d %H:%M}" if last and last.type == "transition-closed" else None


def offers(events: Sequence[Happened]) -> list[str]:
    """Each offer of custody: when, to whom, why, from when, by when an answer was due, and how far it is."""
    last: dict[str, Data] = {}
    for event in (e for e in events if e.type in OFFERS):
        last[event.data.get("offer_id") or ""] = event.data
    return [_offer(data) for data in last.values()]


def _offer(data: Data) -> str:
    asked = _day(data.get("offered_at") or data["occurred_at"])
    begins = data.get("starts_on") or data.get("effective_on")
    terms = [f"answer by {_day(data['answer_by'])}", *([f"from {begins}"] if begins else [])]
    state = (data.get("state") or "").replace("_", " ")
    ended = f" on {_day(data['ended_at'])}" if data.get("ended_at") else ""
    why = f"{data['basis']}, {data.get('situation') or 'no situation told'}"
    return f"{asked} {_party(data['target'])} ({why}), {', '.join(terms)}" + (f": {state}{ended}" if state else "")


def acceptances(events: Sequence[Happened]) -> list[str]:
    """Each time that somebody said yes, and for which offer."""
    return [
        f"{e.at:%Y-%m-%d %H:%M} {_party(e.data['target'])}, offered on {_day(e.data.get('offered_at') or '–')}"
        for e in events
        if e.type == "custody-accepted"
    ]


def returns(events: Sequence[Happened]) -> list[str]:
    """Each time that a pupil was given back: why, to whom, and when that was settled."""
    lines: dict[str, str] = {}
    for e in (e for e in events if e.type == "custody-returned"):
        key, state = e.data.get("offer_id") or "", e.data.get("state") or "returned"
        if state == "returned":
            why, back = e.data["reason"], _party(e.data["returned_to"])
            lines[key] = f"{e.at:%Y-%m-%d %H:%M} {_party(e.data['target'])} to {back}: {why}"
        else:
            lines[key] = f"{lines.get(key, '')}; {state} on {e.at:%Y-%m-%d %H:%M}"
    return list(lines.values())


def risks(events: Sequence[Happened]) -> list[str]:
    """Each firing of a rule with its facts, its route, and when the reason had gone."""
    lines = []
    for fired in (e for e in events if e.type == "student-at-risk"):
        data = fired.data
        later = (e for e in events if e.type == "student-at-risk-cleared" and e.data["risk_id"] == data["risk_id"])
        gone = next((e.at for e in later if e.at >= fired.at), None)
        facts = ", ".join(_fact(fact) for fact in data["evidence"])
        route = " then ".join(_party(one) for one in data["route"])
        until = f"until {gone:%Y-%m-%d %H:%M}" if gone else "still stands"
        lines.append(f"{fired.at:%Y-%m-%d %H:%M} {data['rule']} ({data['severity']}) on {facts}; to {route}; {until}")
    return lines


def _fact(fact: Data) -> str:
    return " ".join(str(part) for part in (fact["fact"], fact["value"], fact["at"] and _day(fact["at"])) if part)


def actions(events: Sequence[Happened]) -> list[str]:
    """Each action as it last was: what, whose, due when, done or not, and how often it escalated."""
    last: dict[str, Happened] = {}
    late: dict[str, int] = {}
    for event in events:
        if event.type in ("action-opened", "action-done", "action-overdue"):
            key = event.data["action_id"]
            last[key] = event
            late[key] = late.get(key, 0) + (event.type == "action-overdue")
    return [_action(event.data, late[key], event.type == "action-done") for key, event in last.items()]


def _action(data: Data, late: int, done: bool) -> str:
    state = f"done ({data['result']})" if done and data.get("result") else "done" if done else "open"
    escalated = f", escalated {late} {'time' if late == 1 else 'times'}" if late else ""
    return f"{data['kind']} by {_party(data['owner'])}, due {_day(data['due_at'])}: {state}{escalated}"


def _party(custodian: Data) -> str:
    return f"{custodian['organisation']} {custodian['role']}"


def _day(moment: str) -> str:
    return moment[:16].replace("T", " ")


def said(data: Data) -> str:
    """The codes, keys and dates of an event, without what is empty."""
    told = ((name, _short(value)) for name, value in data.items() if name not in LEFT_OUT)
    return ", ".join(f"{name} {value}" for name, value in told if value)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return _party(value) if {"organisation", "role"} <= value.keys() else "; ".join(map(_short, value.values()))
    if isinstance(value, list):
        return " + ".join(filter(None, map(_short, value)))
    return "" if value is None or value is False else str(value)
