"""What must be done about an organisation now: decided from what is known, so that a look too many changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.coordination.domain.actions import one_step_up
from services.coordination.domain.partners.partner import SILENT, VACANT, Part, Partner, Silence, Task
from services.coordination.domain.world.deadlines import Window, calendar_of, within
from services.coordination.domain.world.routing import World
from shared.core.ids import opaque_ref
from shared.schemas.coordination import Custodian, Evidence

SEVERITY = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task that the facts ask for now."""

    kind: str
    about: str
    owner: Custodian
    due: Window
    evidence: tuple[Evidence, ...]


def looked(partner: Partner, part: Part, around: World, now: datetime) -> Partner:
    """The organisation with exactly the tasks that the facts ask for; what is too late has gone one step up.

    Time never goes back: what comes late is counted in at the instant up to which it was looked.
    """
    now = max(now, partner.looked_at or now)
    world = world_of(partner, part, around, now)
    awaited = part.tells and _silent_from(partner, world) is not None
    partner = replace(partner, looked_at=now, active=part.active, awaited=awaited)
    partner = _listened(partner, part, world, now)
    wanted = {(want.kind, want.about): want for want in _wanted(partner, part, world, now)}
    tasks = {
        task.task_id: _kept(task, wanted.pop((task.kind, task.about), None), part, world, now)
        for task in partner.tasks.values()
    }
    partner = replace(partner, tasks=tasks)
    for want in wanted.values():
        partner = _opened(partner, want, world, now)
    return partner


def next_look(partner: Partner, part: Part, around: World) -> datetime | None:
    """When it must be looked again without any news; None: only news can change anything."""
    instants = [task.late_at for task in partner.tasks.values() if task.open]
    if part.tells and not partner.silence:
        world = world_of(partner, part, around, partner.looked_at or partner.known_at)
        instants += filter(None, [_silent_from(partner, world)])
    return min(instants, default=None)


def world_of(partner: Partner, part: Part, around: World, now: datetime) -> World:
    """The world under the agreement that holds today in the region of an organisation, else of its pupils."""
    day = around.almanac.day(now)
    return around.opening(around.region_of(partner.code, day) or part.region, day)


def _silent_from(partner: Partner, world: World) -> datetime | None:
    """When nothing will have been heard for longer than was agreed; None: this kind is not watched. Counted in school
    days of its own, so that no holiday makes anybody silent."""
    allowed = world.agreement.silence.allowed_school_days.get(world.kind_of(partner.code))
    if allowed is None:
        return None
    since = world.almanac.day(partner.heard_at or partner.known_at)
    day = calendar_of(partner.code, world).add_school_days(since, allowed + 1)
    return world.almanac.instant(day, world.agreement.rule_hour)


def _listened(partner: Partner, part: Part, world: World, now: datetime) -> Partner:
    """Silence begins when it was quiet for too long about pupils, and ends only when something is heard again."""
    silent_from = _silent_from(partner, world)
    if silence := partner.silence:
        heard = silent_from > now if silent_from else partner.heard_at and partner.heard_at >= silence.since
        return replace(partner, silence=None) if heard else partner
    if not part.tells or not silent_from or silent_from > now:
        return partner
    allowed = world.agreement.silence.allowed_school_days[world.kind_of(partner.code)]
    return replace(partner, silence=Silence(now, allowed, world.agreement.version))


def _wanted(partner: Partner, part: Part, world: World, now: datetime) -> Iterator[Wanted]:
    day, code = world.almanac.day(now), partner.code
    kind = world.kind_of(code)
    here = Evidence(fact="organisation", value=code)
    if part.active:
        vacancies = world.agreement.vacancies
        for role in vacancies.roles.get(kind, ()):
            if not world.of_role(code, role, day).contact:
                owner = _owner(code, role, part, world, day)
                due = within(owner.organisation, vacancies.within_school_days, world, now)
                yield Wanted(VACANT, role, owner, due, (here, Evidence(fact="vacant-role", value=role)))
    if partner.silence and part.tells:
        owner = coordinator(partner, part, world)
        due = within(owner.organisation, world.agreement.silence.within_school_days, world, now)
        allowed = Evidence(fact="allowed-school-days", value=str(partner.silence.allowed_days))
        last = Evidence(fact="last-heard", at=partner.heard_at) if partner.heard_at else Evidence(fact="never-heard")
        yield Wanted(SILENT, "", owner, due, (here, last, allowed))


def _owner(code: str, role: str, part: Part, world: World, day: date) -> Custodian:
    """Who coordinates there, else who coordinates the region; without contact when nobody does."""
    return world.reachable(Custodian(organisation=code, role=role), part.region, day)


def coordinator(partner: Partner, part: Part, world: World) -> Custodian:
    """Who is spoken to about an organisation."""
    role = world.agreement.escalation.coordinators.get(world.kind_of(partner.code), "region_coordinator")
    return _owner(partner.code, role, part, world, world.almanac.day(partner.looked_at or partner.known_at))


def _kept(task: Task, want: Wanted | None, part: Part, world: World, now: datetime) -> Task:
    if want is None:
        return replace(task, done_at=now)
    if task.late_at <= now:
        return one_step_up(task, part.region, world, now)
    if task.step == 0:
        return replace(task, owner=want.owner)
    return replace(task, owner=world.reachable(task.owner, part.region, world.almanac.day(now)))


def _opened(partner: Partner, want: Wanted, world: World, now: datetime) -> Partner:
    number = partner.numbered + 1
    task = Task(
        task_id=opaque_ref("task", partner.code, str(number)),
        number=number,
        kind=want.kind,
        about=want.about,
        owner=want.owner,
        due_at=want.due.until,
        window_until=want.due.grace_until,
        severity=SEVERITY,
        evidence=want.evidence,
        agreement=world.agreement.version,
        opened_at=now,
    )
    return replace(partner, numbered=number, tasks={**partner.tasks, task.task_id: task})
