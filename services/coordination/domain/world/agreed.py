"""The regional agreement as data: who must act by when. Read and checked by `services/coordination/agreement`."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal

from services.coordination.domain.position import Position
from services.coordination.domain.world.situations import Situation
from shared.core.reference import Holiday
from shared.core.reference.calendar import OwnHoliday, week_of
from shared.schemas.coordination import Severity
from shared.schemas.dossiers import Track
from shared.schemas.vocabulary.codes import FOLLOW_UPS

Party = Literal[
    "mentor", "decaan", "institution", "slber", "officer", "duty", "custodian", "vo_person", "mbo_person", "chosen"
]
Role = str
"""Role that people have at an organisation (`roster.ROLES_OF`), or ``officer``: by age."""
Timing = Literal["day", "school_days", "at_once"]
Step = Literal["deputy", "coordinator", "region_coordinator"]
KINDS = (
    "register-application",
    "hold-intake",
    "confirm-enrolment",
    "confirm-start",
    "confirm-other-route",
    "guide-first-days",
    "plan-intake-again",
    "talk-to-pupil",
    "find-another-place",
    "complete-dossier",
    "answer-handover",
    "hold-talk",
    "decide-on-place",
    "adjust-choice",
    "find-out-where",
    "reach-student",
    "handle-absence",
    "talk-about-switch",
    "look-into-concern",
    "call-about-enrolments",
    "explain-list",
    *FOLLOW_UPS.codes,
)
"""What an agreement can ask of somebody: of each there are words for who must do it."""
FIGURES = ("applied", "dossier-complete", "placed", "warm-handover-held", "started")
"""What a norm can be about."""


class _Closed:
    """A misspelt field in an agreement is an error, not a silence."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True)
class PositionAction(_Closed):
    """The action a position asks for. `due`: MM-DD of the cohort year, ``application_date``, or ``settled``: 100 days
    after the start. `opens`: MM-DD before which nobody needs to begin."""

    kind: str
    owner: Literal["mentor", "institution", "slber"]
    due: str
    severity: int
    opens: str | None = None


@dataclass(frozen=True)
class Leeway(_Closed):
    """What was agreed about the end of every deadline."""

    grace_school_days: int = 0
    """School days after it before anybody else is told."""
    before_holiday: bool = True
    """Whether it is pulled forward before the first school holiday that it lies in or behind."""


@dataclass(frozen=True)
class Rung(_Closed):
    """Who gets an action next, and how many school days after the date that passed."""

    to: Step
    after_school_days: int


@dataclass(frozen=True)
class Escalation(_Closed):
    """Who gets an action that was not done in time."""

    ladder: tuple[Rung, ...]
    """The first rung counts from the date on which the action was due, each other from the rung before it."""
    coordinators: dict[str, str]
    """Kind of organisation → role that coordinates there."""
    again_after_school_days: int
    """On the top rung: after so many school days the same person hears it again."""


@dataclass(frozen=True)
class Stage(_Closed):
    """From this moment the signal has this severity and goes to these parties: from a day of the cohort year (MM-DD, or
    ``application_date``), so many school days after what the rule watches began, or, when neither is given, at once."""

    severity: Severity
    route: tuple[Party, ...]
    day: str | None = None
    within_school_days: int | None = None

    @property
    def timing(self) -> Timing:
        """What it is counted from."""
        if self.day is not None:
            return "day"
        return "at_once" if self.within_school_days is None else "school_days"


@dataclass(frozen=True)
class RuleAction(_Closed):
    """What a signal asks of the first party of its route."""

    kind: str
    within_school_days: int = 0


@dataclass(frozen=True)
class Terms(_Closed):
    """What was agreed about one rule. Stages in order of time; without `action` it asks nothing of anybody yet."""

    stages: tuple[Stage, ...]
    action: RuleAction | None = None
    on: bool = True


@dataclass(frozen=True)
class LegalPopulation(_Closed):
    """Tracks whose pupils a municipality may hear about (WEB 8.0.3)."""

    tracks: tuple[Track, ...]


MOMENTS = ("choice", "application", "summer", "first_days", "out_of_school")
"""Moments at which responsibility for a pupil passes (risicomomenten, Gedragslijn): choosing, applying until there is a
place, between two schools, the first 100 days, and when no school has the pupil."""


@dataclass(frozen=True)
class Moment(_Closed):
    """Who does what at a risk moment, each as ``role`` of the organisation that has it."""

    monitors: Role
    guides: Role
    hands_over: Role


@dataclass(frozen=True)
class Norm(_Closed):
    """What the region agreed to reach: so many per cent on a day (MM-DD, or ``application_date``)."""

    figure: str
    percentage: int
    day: str


Whose = Literal["vo_site", "first_institution", "institution", "duty", "holder", "municipality", "region"]
"""Which organisation should have a pupil: the vo site that expects them, where they applied first, where they are
enrolled, who is on duty, whoever has them now, and the municipality or the Doorstroompunt region of the residence."""


@dataclass(frozen=True)
class Row(_Closed):
    """Who should have a pupil in a situation. Between organisations the pupil is offered, unless `asked` is false: then
    it follows at once, because the organisation itself said that it has the pupil."""

    organisation: Whose
    role: Role = "officer"
    deputy: Role | None = None
    """Role of who stands in, when the organisation named no deputy."""
    basis: Literal["agreed", "statutory"] = "agreed"
    asked: bool = True
    ahead_school_days: int = 20
    """School days of the receiver that the offer goes out before a day that is known."""
    answer_school_days: int = 10
    """School days of the receiver to answer; a statutory move needs no answer."""


@dataclass(frozen=True)
class CustodyTerms(_Closed):
    """Who should have a pupil, and how a pupil passes from one to the next (protocol 6)."""

    enrolled_from: str
    """Day of the cohort year (MM-DD) on which an institution has who is enrolled there, started or not."""
    decided_from: str
    """Day of the cohort year (MM-DD) on which who has no enrolment never arrived, and several become one."""
    notice_school_days: int
    """School days of the receiver before a statutory move that no day foretold."""
    holiday_answer_days: int
    """Days to answer an offer that is made in a holiday to who is on duty."""
    confirm_school_days: int
    settle_school_days: int
    situations: dict[Situation, Row]


@dataclass(frozen=True)
class RegionHoliday(OwnHoliday, _Closed):
    """A holiday that the schools of the region keep themselves (docs/decisions/0031)."""


@dataclass(frozen=True)
class OnDuty(_Closed):
    """An organisation in a role that looks after pupils in a holiday."""

    organisation: str
    role: Role
    person: str | None = None
    """`person_ref` of the contact who does it; None: whoever has the role there."""


Duty = Literal["school", "officer", "roster"] | OnDuty
"""Who is on duty in a holiday: the vo school itself, leerplicht or Doorstroompunt by age, whom the roster names for the
week, or whom the region named for all of it."""


@dataclass(frozen=True)
class Silence(_Closed):
    """How long nothing may be heard of an organisation that has pupils to tell of."""

    allowed_school_days: dict[str, int] = field(default_factory=dict)
    """Kind of organisation → its school days; a kind that is not named may be silent for ever."""
    within_school_days: int = 5
    """School days for who coordinates there to find out why."""


@dataclass(frozen=True)
class Vacancies(_Closed):
    """In which roles somebody must be present, at every organisation that has to do with pupils on their way."""

    roles: dict[str, tuple[Role, ...]] = field(default_factory=dict)
    """Kind of organisation → roles."""
    within_school_days: int = 5
    """School days to find somebody."""


@dataclass(frozen=True)
class Agreement(_Closed):
    """One version of a regional agreement."""

    version: str
    valid_from: date
    source: str
    rule_hour: int
    due_hour: int
    least_school_days: int
    deadlines: Leeway
    actions: dict[Position, PositionAction]
    escalation: Escalation
    intake_missed: RuleAction
    legal_population: LegalPopulation
    rules: dict[str, Terms]
    moments: dict[str, Moment]
    custody: CustodyTerms
    duty: dict[str, Duty]
    """Name of the holiday → who is on duty."""
    roster: dict[date, OnDuty] = field(default_factory=dict)
    """Monday of a week of a holiday whose duty is ``roster`` → who is on duty."""
    holidays: tuple[RegionHoliday, ...] = ()
    """Holidays that differ from those of the zone, or come beside them."""
    silence: Silence = Silence()
    vacancies: Vacancies = Vacancies()
    norms: tuple[Norm, ...] = ()
    small_number: int = 5
    """Groups of this size and smaller are not shown."""
    feedback_until: str = "10-01"
    """Last day (MM-DD of the cohort year) on which the sending school hears of single pupils; of who starts later it
    hears until the start, and from then on it gets figures."""
    region: str | None = None
    """Region that agreed on it; None: it holds where a region has adopted none."""
    based_on: str | None = None
    """Version that says what this one does not say itself."""

    def on_duty(self, holiday: Holiday, day: date) -> Duty:
        """Who is on duty on a day of a school holiday; by age in a week after those of the roster."""
        duty = self.duty.get(holiday.name, "school")
        return self.roster.get(week_of(day, holiday), "officer") if duty == "roster" else duty
