"""Rules about enrolments: none, one that did not begin, one that ended or changes soon after, and two at once."""

from collections.abc import Iterable

from services.coordination.domain.facts import Known
from services.coordination.domain.position import SETTLED_AFTER, Path, Position
from services.coordination.domain.rules.rule import Began, Rule, Seen, furthest, whole
from shared.core.clock import local_instant
from shared.schemas.coordination import Evidence
from shared.schemas.intakes import ProgrammeSwitched

ENROLLED_RANK = Position.ENROLLED.rank

# not-enrolled: no enrolment on 1 August, 1 September or 1 October.


def _enrolled(seen: Seen, _about: str) -> bool:
    position = seen.transition.position
    return position.rank >= ENROLLED_RANK or position is Position.OTHER_ROUTE


def _not_enrolled_evidence(seen: Seen, _about: str) -> tuple[Evidence, ...]:
    placed = [path for path in seen.known.live if path.position is Position.PLACED]
    return (
        Evidence(fact="not-enrolled"),
        Evidence(fact="live-applications", value=str(len(seen.known.live))),
        *(Evidence(fact="placed-at", value=path.institution) for path in placed[:1]),
    )


NOT_ENROLLED = Rule(
    timing="day",
    fires="No enrolment.",
    clears="Enrolled, or the pupil goes elsewhere.",
    watches=whole,
    settled=_enrolled,
    evidence=_not_enrolled_evidence,
    institution=furthest,
    afterwards=True,
)

# not-started: enrolled, and not seen in class 5 school days of the institution after the first day. Without a first day
# that anybody told, that is 1 August: school days are counted from the end of the holidays. The first day is part of
# what is watched: another first day is another look. Whoever was seen at one institution is not missed at another.


def _awaited(known: Known) -> Iterable[str]:
    if any(path.started_on for path in known.live):
        return []
    return [f"{path.application_id}:{path.first_day}" for path in known.live if path.position is Position.ENROLLED]


def _path(known: Known, about: str) -> Path:
    return next(path for path in known.paths if path.application_id == about.partition(":")[0])


def _first_day(known: Known, about: str) -> Began | None:
    path = _path(known, about)
    return Began(local_instant(path.first_day), path.institution)


def _not_started_evidence(seen: Seen, about: str) -> tuple[Evidence, ...]:
    path = _path(seen.known, about)
    return (
        Evidence(fact="institution", value=path.institution),
        Evidence(fact="first-day-date", value=path.first_day.isoformat()),
        *((Evidence(fact="looked-date", value=path.missed_on.isoformat()),) if path.missed_on else ()),
        Evidence(fact="not-seen"),
    )


def _institution(known: Known, about: str) -> str | None:
    return _path(known, about).institution


NOT_STARTED = Rule(
    timing="school_days",
    fires="Enrolled and not seen in class; school days of the institution from the first day, else from 1 August.",
    clears="Seen in class.",
    watches=_awaited,
    evidence=_not_started_evidence,
    began=_first_day,
    institution=_institution,
    afterwards=True,
)

# early-exit: the enrolment ended within 100 days of the first day, and there is no other. Whether there is, the
# position says: it waits for a minute of quiet, so that a file that tells the end before the new beginning raises no
# alarm.


def _exits(known: Known) -> Iterable[str]:
    """The last one: what ended before it was answered by another enrolment."""
    exits = [path for path in known.paths if path.left_early]
    return [max(exits, key=lambda path: (path.since, path.application_id)).application_id] if exits else []


def _exit_evidence(seen: Seen, about: str) -> tuple[Evidence, ...]:
    path = _path(seen.known, about)
    began, ended = path.began_on or path.first_day, path.ended_on or path.first_day
    return (
        Evidence(fact="institution", value=path.institution),
        Evidence(fact="started-date", value=began.isoformat()),
        Evidence(fact="ended-date", value=ended.isoformat()),
        Evidence(fact="not-enrolled"),
    )


EARLY_EXIT = Rule(
    timing="at_once",
    fires="The enrolment ended within 100 days of the first day without diploma, and there is no other.",
    clears="Enrolled elsewhere, or another route.",
    watches=_exits,
    settled=_enrolled,
    evidence=_exit_evidence,
    institution=_institution,
    afterwards=True,
)

# double-enrolment: enrolled at two institutions from 1 September on. Patient: a file may tell of the new enrolment
# before it tells that the other ended. Which institutions they are is part of what is watched.


def _doubles(known: Known) -> Iterable[str]:
    enrolled = {path.institution for path in known.live if (path.position or Position.LOST).rank >= ENROLLED_RANK}
    return [":".join(sorted(enrolled))] if len(enrolled) > 1 else []


def _double_evidence(_seen: Seen, about: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(fact="enrolled-at", value=institution) for institution in about.split(":"))


DOUBLE_ENROLMENT = Rule(
    timing="day",
    fires="Enrolled at two institutions.",
    clears="One of them ended.",
    watches=_doubles,
    evidence=_double_evidence,
    patient=True,
    afterwards=True,
)

# switch-considered: a change of programme was registered within 100 days of the first day. It is over when the new
# programme was begun, or when the student stays after all.


def _considered(known: Known) -> Iterable[str]:
    return [switch.switch_id for switch in known.switches if switch.status == "registered" and _soon(known, switch)]


def _soon(known: Known, switch: ProgrammeSwitched) -> bool:
    paths = {path.application_id: path for path in known.paths}
    old, new = paths.get(switch.application_id), paths.get(switch.to_application_id or "")
    if new and new.started_on:
        return False
    return bool(old and old.began_on and switch.switched_on < old.began_on + SETTLED_AFTER)


def _switch(known: Known, switch_id: str) -> ProgrammeSwitched:
    return next(switch for switch in known.switches if switch.switch_id == switch_id)


def _switch_evidence(seen: Seen, switch_id: str) -> tuple[Evidence, ...]:
    switch = _switch(seen.known, switch_id)
    return (
        Evidence(fact="institution", value=switch.mbo_institution),
        Evidence(fact="switch-date", value=switch.switched_on.isoformat()),
        Evidence(fact="from-programme", value=switch.from_programme),
        *((Evidence(fact="to-programme", value=switch.to_programme),) if switch.to_programme else ()),
    )


def _of_switch(known: Known, switch_id: str) -> str | None:
    return _switch(known, switch_id).mbo_institution


SWITCH_CONSIDERED = Rule(
    timing="at_once",
    fires="A switch was registered within 100 days of the first day.",
    clears="The new programme has begun, or the student stays.",
    watches=_considered,
    evidence=_switch_evidence,
    institution=_of_switch,
    afterwards=True,
)
