"""What schools and institutions tell: made-up facts of every type that coordination takes in."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from shared.core.clock import civil_date
from shared.schemas.catalog import MODELS
from shared.schemas.envelope import EventData
from shared.schemas.examples import example
from tests.unit.coordination.made import MBO, MUNICIPALITY, OTHER_MBO, OTHER_SITE, SITE

Fields = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]
ELSEWHERE = "0363"
"""A municipality in another region, of which no file has told anything."""
APPLICATIONS = {"a1": (MBO, 2027), "a2": (OTHER_MBO, 2027), "a3": (MBO, 2027), "b1": (OTHER_MBO, 2028)}
"""Where, and for which cohort."""
COHORTS = st.sampled_from([2027, 2027, 2027, 2028])
SITES, PLACES = st.sampled_from([SITE, SITE, OTHER_SITE]), st.sampled_from([MBO, OTHER_MBO])
HOMES = st.sampled_from([MUNICIPALITY, MUNICIPALITY, ELSEWHERE, None])
BIRTHS = st.sampled_from([date(2011, 3, 24), date(2009, 1, 10), date(2009, 8, 15), date(2008, 2, 29), date(2000, 9, 1)])
ROLES = st.sampled_from(["mentor", "decaan", "intake_coordinator", "slber", "leerplicht", "region_coordinator"])


def told(draw: Draw, kind: str, at: datetime) -> EventData:
    """Some event of a type, told at an instant. What is not drawn is as in the example of the type."""
    fields = example(kind) | {"occurred_at": at} | KINDS[kind](draw, at)
    return MODELS[kind].model_validate(fields)


def near(draw: Draw, at: datetime, past: int = 20, coming: int = 60) -> date:
    """A day around an instant."""
    return civil_date(at) + timedelta(days=draw(st.integers(-past, coming)))


def of(draw: Draw) -> Fields:
    """A cohort and the school that tells of it."""
    return {"cohort": draw(COHORTS), "vo_site": draw(SITES)}


def _person(draw: Draw, _at: datetime) -> Fields:
    qualified = draw(st.sampled_from([False, False, False, True]))
    return {"birth_date": draw(BIRTHS), "municipality": draw(HOMES), "basic_qualification": qualified}


def _expected(draw: Draw, _at: datetime) -> Fields:
    tracks = st.sampled_from(["vmbo-kb", "vmbo-kb", "havo", "isk"])
    mentor, deputy = draw(st.sampled_from([("mentor-1", "mentor-2"), ("mentor-2", None), (None, None)]))
    return of(draw) | {"track": draw(tracks), "mentor": mentor, "deputy": deputy}


def _choice(draw: Draw, _at: datetime) -> Fields:
    key, place = draw(st.sampled_from([("c1", MBO), ("c2", OTHER_MBO)]))
    return of(draw) | {"choice_id": key, "mbo_institution": place, "level": draw(st.integers(1, 4))}


def _handover(status: str) -> Callable[[Draw, datetime], Fields]:
    def fields(draw: Draw, at: datetime) -> Fields:
        key, place = draw(st.sampled_from([("h1", MBO), ("h2", OTHER_MBO)]))
        offered = at - timedelta(days=draw(st.integers(0, 40)))
        opened = at if status in ("opened", "accepted", "refused") else None
        ended = {"accepted_at": at if status == "accepted" else None}
        ended |= {"ended_at": at if status in ("refused", "withdrawn") else None}
        told_of = {"handover_id": key, "mbo_institution": place, "status": status, "offered_at": offered}
        return {"cohort": 2027, "vo_site": SITE, "opened_at": opened, **told_of, **ended}

    return fields


def _route(draw: Draw, at: datetime) -> Fields:
    routes = st.sampled_from(["work", "havo", "abroad", "deceased", "repeats_year"])
    status = draw(st.sampled_from(["registered", "confirmed", "withdrawn"]))
    since = near(draw, at)
    until = since + timedelta(days=draw(st.integers(5, 200))) if draw(st.booleans()) else None
    evidence = "contract" if status == "confirmed" else None
    return of(draw) | {
        "status": status,
        "route": draw(routes),
        "since": since,
        "until": until,
        "evidence": evidence,
    }


def _dossier(draw: Draw, _at: datetime) -> Fields:
    return of(draw) | {"complete": draw(st.booleans())}


def _exam(draw: Draw, at: datetime) -> Fields:
    result = draw(st.sampled_from(["passed", "failed", "resit", "retracted"]))
    track = draw(st.sampled_from(["vmbo-bb", "vmbo-tl", "havo"])) if result == "passed" else None
    return of(draw) | {"result": result, "track": track, "decided_on": civil_date(at)}


def _unlisted(draw: Draw, _at: datetime) -> Fields:
    return of(draw)


def _concern(resolved: bool) -> Callable[[Draw, datetime], Fields]:
    def fields(draw: Draw, at: datetime) -> Fields:
        at_site = {"cohort": draw(COHORTS), "organisation": SITE, "raised_at": at - timedelta(days=3)}
        route = draw(st.lists(ROLES, max_size=3, unique=True))
        ended = {"resolved_at": at, "resolution": "talked"} if resolved else {}
        key = draw(st.sampled_from(["k1", "k2"]))
        return at_site | {"concern_id": key, "severity": draw(st.integers(1, 3)), "route": route} | ended

    return fields


def _talk(status: str) -> Callable[[Draw, datetime], Fields]:
    def fields(draw: Draw, at: datetime) -> Fields:
        people = {"vo_person": draw(st.sampled_from([None, "mentor-1"])), "mbo_person": None}
        about = {
            "talk_id": draw(st.sampled_from(["t1", "t2"])),
            "cohort": 2027,
            "vo_site": SITE,
            "mbo_institution": MBO,
        }
        times = {"requested_at": at - timedelta(days=9), "hold_by": near(draw, at), "held_at": None, "planned_at": None}
        times |= {"held_at": at} if status == "held" else {}
        agreed = [_follow_up(draw, at) for _ in range(draw(st.integers(0, 2)))] if status == "held" else []
        return {"status": status, "requested_by": "vo", "follow_ups": agreed, **people, **about, **times}

    return fields


def _follow_up(draw: Draw, at: datetime) -> Fields:
    organisation, role = draw(st.sampled_from([(SITE, "mentor"), (MBO, "slber"), (OTHER_MBO, "slber")]))
    done_on = draw(st.sampled_from([None, None, civil_date(at)]))
    agreed = {"action": "call_parents", "organisation": organisation, "role": role, "due": near(draw, at)}
    return agreed | {"done_on": done_on, "person_ref": None}


def _application(draw: Draw) -> Fields:
    key = draw(st.sampled_from([*APPLICATIONS]))
    place, cohort = APPLICATIONS[key]
    return {"application_id": key, "mbo_institution": place, "cohort": cohort}


def _status(draw: Draw, at: datetime) -> Fields:
    statuses = ["submitted", "received", "offered", "enrolled", "enrolled", "rejected", "withdrawn"]
    start = draw(st.sampled_from([None, None, None, date(2027, 8, 30), date(2028, 2, 1)]))
    status_at = at - timedelta(hours=draw(st.integers(0, 100)))
    told_of = {"status": draw(st.sampled_from(statuses)), "status_at": status_at, "start": start, "arrived_at": None}
    return _application(draw) | told_of | {"shadow": draw(st.sampled_from([False] * 9 + [True]))}


def _intake(draw: Draw, _at: datetime) -> Fields:
    return _application(draw) | {"mandatory": draw(st.booleans())}


def _missed(draw: Draw, at: datetime) -> Fields:
    return _intake(draw, at) | {"missed": draw(st.integers(1, 3)), "missed_at": at}


def _done(draw: Draw, at: datetime) -> Fields:
    outcomes = st.sampled_from(["placed", "provisional", "rejected", "other_advice"])
    return _intake(draw, at) | {"outcome": draw(outcomes), "held_on": civil_date(at)}


def _first_day(draw: Draw, at: datetime) -> date:
    """In the school year of the intended start, and near the instant when that is in it."""
    return max(near(draw, at, 40, 20), date(2027, 8, 1))


def _started(draw: Draw, at: datetime) -> Fields:
    return _application(draw) | {"first_day": _first_day(draw, at)}


def _not_started(draw: Draw, at: datetime) -> Fields:
    day = _first_day(draw, at)
    return _application(draw) | {"first_day": day, "checked_on": day + timedelta(days=3)}


def _ended(draw: Draw, at: datetime) -> Fields:
    day = _first_day(draw, at)
    last = day + timedelta(days=draw(st.integers(0, 150)))
    diploma = draw(st.sampled_from([False, False, True]))
    told_of = {"first_day": draw(st.sampled_from([day, None])), "ended_on": last, "diploma": diploma, "level": 3}
    return _application(draw) | told_of | {"basic_qualification": draw(st.sampled_from([None, False, True]))}


def _absence(draw: Draw, at: datetime) -> Fields:
    status = draw(st.sampled_from(["registered", "in_progress", "closed", "withdrawn", "noted"]))
    closed = {"closed_on": civil_date(at), "closed_reason": "back_to_school"} if status == "closed" else {}
    about = _application(draw) | {"report_number": draw(st.sampled_from(["V-1", "V-2"]))}
    return about | {"status": status, "reported_on": civil_date(at), **closed}


def _switch(draw: Draw, at: datetime) -> Fields:
    status = draw(st.sampled_from(["registered", "started", "cancelled"]))
    return _application(draw) | {
        "switch_id": "s1",
        "status": status,
        "switched_on": near(draw, at, 40, 5),
        "to_application_id": draw(st.sampled_from([None, "a2"])),
    }


KINDS: dict[str, Callable[[Draw, datetime], Fields]] = {
    "pupil-recorded": _person,
    "pupil-expected": _expected,
    "choice-registered": _choice,
    "choice-withdrawn": _choice,
    "dossier-handed-over": _handover("offered"),
    "handover-opened": _handover("opened"),
    "handover-accepted": _handover("accepted"),
    "handover-refused": _handover("refused"),
    "handover-withdrawn": _handover("withdrawn"),
    "other-route-registered": _route,
    "dossier-completed": _dossier,
    "exam-result-recorded": _exam,
    "pupil-not-listed": _unlisted,
    "concern-raised": _concern(resolved=False),
    "concern-resolved": _concern(resolved=True),
    "warm-handover-requested": _talk("requested"),
    "warm-handover-planned": _talk("planned"),
    "warm-handover-held": _talk("held"),
    "warm-handover-missed": _talk("missed"),
    "application-status-changed": _status,
    "intake-invited": _intake,
    "intake-planned": _intake,
    "intake-missed": _missed,
    "intake-done": _done,
    "student-started": _started,
    "student-not-started": _not_started,
    "absence-reported": _absence,
    "programme-switched": _switch,
    "enrolment-ended": _ended,
}
"""Type of fact → the fields that make a difference."""
LIKELY = ("pupil-recorded", "pupil-expected", "application-status-changed", "student-started", "enrolment-ended")
"""What most follows from; drawn more often than the rest."""
