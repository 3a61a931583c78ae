"""What the pages of a school read: a pupil with everything that is known, and the names behind codes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from services.dossier import store
from services.dossier.domain import progress
from services.dossier.domain.career import PartState
from services.dossier.domain.exams import Exam
from services.dossier.domain.handover import Handover
from services.dossier.domain.progress import Application, Enrolment, Facts, Known, Todo
from services.dossier.domain.pupils import Choice, Pupil
from services.dossier.domain.routes import Route
from services.dossier.domain.talks import Talk
from services.dossier.domain.told import Happening, Organisation, Told
from services.dossier.domain.transfer import DONE, NEEDED, Preparation, prepare
from services.dossier.handlers import completeness
from services.dossier.handlers.transfer.preparation import preparations
from services.dossier.store import feedback, history, talks, year_end
from shared.core import reference
from shared.core.clock import civil_date
from shared.core.errors import NotFound
from shared.core.reference.calendar import SchoolCalendar, calendar_at
from shared.schemas.alerts import AlertResolved
from shared.schemas.coordination import ActionDone
from shared.storage.pool import Connection
from shared.web.texts import gettext as _
from shared.web.words import ROLES


@dataclass(frozen=True, slots=True)
class Names:
    """Names of organisations and of their contacts; a code stands for itself when it has no name."""

    organisations: Mapping[str, Organisation]

    def organisation(self, code: str) -> str:
        """Name of an organisation."""
        found = self.organisations.get(code)
        return found.name if found else code

    def person(self, organisation: str, ref: str | None) -> str | None:
        """Name of a contact; None when unknown."""
        found = self.organisations.get(organisation)
        return found.contacts.get(ref or "") if found else None

    def anybody(self, ref: str) -> str | None:
        """Name of a contact of whichever organisation; None when unknown."""
        return next((found.contacts[ref] for found in self.organisations.values() if ref in found.contacts), None)

    def holder(self, custodian: Mapping[str, Any]) -> str:
        """A custodian in words: person, role and organisation."""
        code, role = custodian["organisation"], custodian["role"]
        person = self.person(code, custodian.get("contact"))
        return ", ".join(part for part in (person, _(ROLES.get(role, role)), self.organisation(code)) if part)

    def institutions(self) -> list[tuple[str, str]]:
        """The mbo institutions, by name."""
        return [(code, found.name) for code, found in self.organisations.items() if found.kind == "mbo"]


@dataclass(frozen=True, slots=True)
class Card:
    """A pupil of the school, with what is known of the road ahead."""

    pupil: Pupil
    choices: Sequence[Choice]
    applications: Sequence[Application]
    handovers: Sequence[Handover]
    parts: Mapping[str, PartState] = field(default_factory=dict)
    preparation: Preparation = field(default_factory=lambda: prepare({}))
    talks: Sequence[Talk] = ()
    exam: Exam | None = None
    route: Route | None = None
    known: Known = field(default_factory=Known)
    followed_until: date = date.max
    """Last day on which the school hears of this pupil."""

    @property
    def facts(self) -> Facts:
        """What decides what must be done."""
        return progress.facts(self.choices, self.applications, self.handovers, self.known)

    @property
    def todo(self) -> Todo:
        """The group of the class list this pupil belongs to."""
        return progress.todo(self.facts)


@dataclass(frozen=True, slots=True)
class Situation:
    """Who has the pupil now and what comes next, as coordination told it."""

    custodian: Mapping[str, Any] | None = None
    since: datetime | None = None
    action: Mapping[str, Any] | None = None
    outcome: str | None = None
    """Why the transition was closed; None: open."""
    alerts: Sequence[Mapping[str, Any]] = ()


async def cards(conn: Connection, vo_site: str, pupils: Sequence[Pupil]) -> list[Card]:
    """These pupils of one site, each with what is known of their own cohort."""
    refs = {pupil.pupil_ref for pupil in pupils}
    choices = await store.choices(conn, vo_site, refs)
    applications = await store.applications(conn, refs)
    handovers = await store.handovers(conn, vo_site, refs)

    def of(found: Mapping[str, Iterable[Any]], pupil: Pupil) -> list[Any]:
        return [one for one in found.get(pupil.pupil_ref, ()) if one.cohort == pupil.cohort]

    return [Card(p, of(choices, p), of(applications, p), of(handovers, p)) for p in pupils]


async def surveyed(conn: Connection, found: Sequence[Card], today: date) -> list[Card]:
    """These cards of one site and cohort with everything else that is known, as far as the school may still follow
    its pupils."""
    if not found:
        return []
    place = (found[0].pupil.vo_site, found[0].pupil.cohort)
    refs = [card.pupil.pupil_ref for card in found]
    told = await history.told_to_us(conn, refs, place[1], "application", "enrolment")
    parts = await completeness.parts(conn, *place, refs)
    ready = await preparations(conn, *place, refs)
    asked = await talks.by_pupil(conn, place[0], refs)
    exams = await year_end.exams(conn, place[0], refs)
    routes = await year_end.routes(conn, place[0], refs)
    until = await feedback.heard_until(conn, refs, place[1])
    surveyed = []
    for card in found:
        ref = card.pupil.pupil_ref
        own = [talk for talk in asked.get(ref, ()) if talk.cohort == place[1]]
        whole = replace(card, parts=parts[ref], preparation=ready[ref], talks=own)
        ended = replace(whole, exam=exams.get((ref, place[1])), route=routes.get((ref, place[1])))
        known = _known(ended, progress.enrolments(told[ref]), today)
        surveyed.append(replace(ended, known=known, followed_until=last_day(until.get(ref), place[1])))
    return surveyed


def last_day(ends: datetime | None, cohort: int) -> date:
    """Last day on which a school hears of a pupil of this cohort. `ends`: the instant after it; None: nothing was told
    of the pupil yet, so that the usual day holds."""
    return civil_date(ends - timedelta(seconds=1)) if ends else reference.load().feedback_until(cohort)


def _known(card: Card, enrolled: Sequence[Enrolment], today: date) -> Known:
    route, exam = card.route, card.exam
    results_out = today >= reference.load().exam_results_from(card.pupil.cohort)
    return Known(
        complete=all(card.parts[part] in DONE for part in NEEDED),
        informed="not_informed" not in card.preparation.obstacles(today),
        talk_to_plan=any(talk.status in ("requested", "missed") for talk in card.talks),
        exam_missing=results_out
        and card.pupil.track in progress.WITH_EXAM
        and (exam is None or exam.result == "retracted"),
        other_route=route is not None and route.status != "withdrawn" and (route.until is None or today < route.until),
        started=any(one.started for one in enrolled) if enrolled else None,
    )


def calendar_of(municipality: str | None) -> SchoolCalendar:
    """The school days where a pupil lives; outside the Netherlands or unknown: those of the middle."""
    return calendar_at(reference.load(), municipality)


async def card(conn: Connection, vo_site: str, ref: str) -> Card:
    """One own pupil, in the newest cohort. `NotFound` when it is not theirs."""
    root = (await store.roots(conn, [ref])).get(ref, ref)
    found = await store.pupils(conn, vo_site, ref=root)
    if not found:
        raise NotFound("no such pupil")
    return (await cards(conn, vo_site, found[:1]))[0]


async def situation(conn: Connection, found: Card, today: date) -> Situation:
    """Who has an own pupil now, what comes next, and which alerts about them this school got. Nothing once the school
    no longer follows the pupil."""
    pupil = found.pupil
    if today > found.followed_until:
        return Situation()
    told = await store.told(conn, pupil.pupil_ref, pupil.cohort)
    states: dict[str, list[tuple[Told, dict[str, Any]]]] = {}
    for one in told:
        states.setdefault(one.entity, []).append((one, json.loads(one.state)))
    actions = [state for one, state in states.get("action", ()) if one.type != ActionDone.TYPE]
    alerts = [
        state
        for one, state in states.get("alert", ())
        if one.type != AlertResolved.TYPE and state["organisation"] == pupil.vo_site
    ]
    custody = states["custody"][-1][1] if "custody" in states else None
    transition = states["transition"][-1][1] if "transition" in states else {}
    return Situation(
        custody and custody["holder"],
        datetime.fromisoformat(custody["since"]) if custody else None,
        min(actions, key=lambda a: (a["due_at"], -a["severity"], a["action_id"]), default=None),
        transition.get("outcome"),
        alerts,
    )


async def happenings(conn: Connection, found: Card) -> list[Happening]:
    """What happened to a pupil, oldest first, as far as the school may still follow them: what it did itself, and
    what others told."""
    ref, cohort = found.pupil.pupil_ref, found.pupil.cohort
    told = (await history.told_to_us(conn, [ref], cohort))[ref]
    return sorted([*await history.own(conn, ref, cohort), *told], key=lambda one: one.at)


async def names(conn: Connection, vo_site: str, now: Situation, happened: Sequence[Happening] = ()) -> Names:
    """Names behind the codes on a pupil's page; every mbo institution among them."""
    holders = [now.custodian, now.action and now.action["owner"], *(one.detail.get("holder") for one in happened)]
    codes = {vo_site, *(holder["organisation"] for holder in holders if holder)}
    codes |= {one.organisation for one in happened}
    return Names(await store.organisations(conn, codes, "mbo"))
