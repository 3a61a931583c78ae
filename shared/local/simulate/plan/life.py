"""The life of one pupil from the first list to the first hundred days: a state machine with dice.

Each state has one function that tells what happens in it, as deeds in the diary, and returns the next state.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.local.sample.catalogue import LEVELS, Programme
from shared.local.sample.dice import Dice
from shared.local.sample.people import Pupil
from shared.local.simulate.deeds import CONCERN, RESOLVE
from shared.local.simulate.plan import rows
from shared.local.simulate.plan.diary import ONE_DAY, Diary
from shared.local.simulate.plan.magnitudes import share
from shared.local.simulate.plan.places import Place
from shared.local.simulate.plan.rows import Application

MONTHS = {11: 15, 12: 21, 1: 38, 2: 16, 3: 10}
"""Month in which those who apply by 1 April first do (shared/local/sample/road.py)."""
OUTCOMES = {"placed": 50, "provisional": 38, "other_advice": 6, "further_study": 6}
REASONS = {"other_advice": "wrong_level", "further_study": "more_information", "rejected": "prior_education"}


@dataclass(slots=True)
class Life:
    """A pupil, what is around them, and how far they have come."""

    dice: Dice
    pupil: Pupil
    place: Place
    diary: Diary
    listed: date
    """Day on which the first list with this pupil comes in."""
    mails: Mapping[str, str]
    """Organisation to the mail address of somebody who takes part in talks."""
    applications: list[Application] = field(default_factory=list)
    wanted: list[Programme] = field(default_factory=list)
    failed: bool = False
    route: str = ""
    """The other way that the pupil goes."""

    @property
    def cohort(self) -> int:
        return self.diary.year.cohort

    @property
    def best(self) -> Application | None:
        """The live application that has come furthest."""
        order = ("SUBMITTED", "RECEIVED", "OFFERED", "ENROLLED")
        return max((a for a in self.applications if a.live), key=lambda a: order.index(a.status), default=None)

    def chance(self, name: str) -> bool:
        """Whether something of the table of magnitudes happens to this pupil."""
        return self.dice.chance(share(name))

    def school_tells(self, kind: str, day: date, row: Mapping[str, str]) -> date:
        """A row of a file of the school; returns when it comes in."""
        known = max(day, self.listed + ONE_DAY)
        whole = rows.school(self.pupil, self.cohort) | dict(row)
        return self.diary.told(self.pupil.site, kind, self.pupil.pgn, known, whole)

    def institution_tells(self, kind: str, application: Application, day: date, row: Mapping[str, str]) -> date:
        """A row of a file of the institution; returns when it comes in."""
        whole = rows.of_application(application) | dict(row)
        return self.diary.told(application.institution, kind, self.pupil.pgn, day, whole)

    def apply(self, programme: Programme, day: date) -> Application:
        """A new application, received a few days later."""
        number = f"{self.pupil.site}-{self.pupil.number}-{len(self.applications) + 1}"
        made = Application(number, self.pupil, programme, self.dice.pick(programme.pathways))
        self.applications.append(made)
        self.status(made, "SUBMITTED", day)
        self.status(made, "RECEIVED", day + ONE_DAY * self.dice.number(1, 5))
        return made

    def status(self, application: Application, status: str, day: date) -> date:
        """The application gets a status; returns when that comes in."""
        application.status, application.version = status, application.version + 1
        row = rows.status(application, day)
        coming = self.diary.told(application.institution, "aanmeldingen", self.pupil.pgn, day, row)
        application.told[status] = coming
        return coming

    def programme(self) -> Programme:
        """A programme that the track leads to and that was not wanted before."""
        level = self.dice.weighted(LEVELS[self.pupil.track])
        taken = {programme.crebo for programme in self.wanted}
        fitting = [p for p in self.place.programmes if p.level == level and p.crebo not in taken]
        made = self.dice.pick(fitting or [p for p in self.place.programmes if p.crebo not in taken])
        self.wanted.append(made)
        return made

    def elsewhere(self, route: str, day: date) -> None:
        """The pupil goes another way: told first, confirmed in the end; what was applied for is withdrawn."""
        for application in self.applications:
            if application.live:
                self.status(application, "WITHDRAWN", day)
        self.route = route
        row = {"route": route, "routestand": "gemeld", "vanaf": date(self.cohort, 8, 1).isoformat(), "tot": ""}
        coming = self.school_tells("routes", day, row | {"bewijs": ""})
        if self.dice.chance(0.7):
            later = coming + ONE_DAY * self.dice.number(7, 40)
            self.school_tells("routes", later, row | {"routestand": "bevestigd", "bewijs": "school_statement"})


def chooses(life: Life) -> str:
    """The school registers what the pupil intends, in November or January."""
    two, three = share("parallel_two"), share("parallel_three")
    count = life.dice.weighted({1: 1 - two - three, 2: two, 3: three})
    wanted = [life.programme() for _ in range(count)]
    if not life.chance("no_choice"):
        day = life.diary.year.day(*life.dice.pick([(11, 10), (11, 24), (1, 19)]))
        for preference, programme in enumerate(wanted, 1):
            row = rows.choice(life.pupil, life.cohort, programme, life.dice.pick(programme.pathways), preference)
            life.school_tells("keuzes", day, row)
    if life.chance("concern"):
        _worries(life, life.dice.day(life.diary.year.day(1, 10), life.diary.year.day(6, 20)))
    return "applying"


def _worries(life: Life, day: date) -> None:
    """The mentor asks for attention; most of it is resolved within weeks."""
    reason = life.dice.pick(["choice_in_doubt", "contact_lost", "often_absent", "progress", "support_needed"])
    coming = life.school_tells(CONCERN, day, {"reason": reason, "route": "decaan"})
    if life.chance("concern_resolved"):
        row = {"reason": reason, "resolution": "talked"}
        life.school_tells(RESOLVE, coming + ONE_DAY * life.dice.number(4, 30), row)


def applies(life: Life) -> str:
    """Applies before April, or later, or never."""
    lot = life.dice.weighted({"in time": share("applied_by_april"), "late": share("applied_late"), "never": 0.03})
    if lot == "never":
        return "without application"
    year = life.diary.year
    if lot == "late":
        day = life.dice.day(year.day(4, 3), year.day(8, 25))
    else:
        first = year.day(life.dice.weighted(MONTHS), 1)
        day = min(first + ONE_DAY * life.dice.number(0, 27), year.day(3, 29))
    for n, programme in enumerate(life.wanted):
        life.apply(programme, day + ONE_DAY * (n * life.dice.number(0, 10)))
    return "in intake"


def waits(life: Life) -> str:
    """No application comes; half of these pupils go another way, of the others nobody hears anything."""
    if life.dice.chance(0.5):
        day = life.dice.day(life.diary.year.day(2, 10), life.diary.year.day(6, 20))
        life.elsewhere(life.dice.pick(["work", "repeats_year", "havo"]), day)
    return "leaving school"


def is_seen(life: Life) -> str:
    """The intakes, one application after the other; who is offered the first place often drops the others."""
    offered: date | None = None
    for application in life.applications:
        if offered and life.dice.chance(0.5):
            day = max(offered, application.told["RECEIVED"]) + ONE_DAY * life.dice.number(2, 10)
            life.status(application, "WITHDRAWN", day)
        else:
            _seen(life, application)
            offered = offered or application.told.get("OFFERED")
    if life.best is None and life.chance("reapplies"):
        _tries_again(life)
    return "handing over"


def _seen(life: Life, application: Application) -> None:
    """The way of one application: invited, planned, sometimes missed, then an outcome; or withdrawn before."""
    dice, diary = life.dice, life.diary
    day = application.told["RECEIVED"] + ONE_DAY * dice.number(1, 5)
    if life.chance("withdrawn"):
        life.status(application, "WITHDRAWN", day + ONE_DAY * dice.number(1, 40))
        return
    invited = {"stap": "uitgenodigd", "geregistreerd_op": day.isoformat()}
    life.institution_tells("uitnodigingen", application, day, _step(**invited))
    held = diary.school_day(day + ONE_DAY * dice.number(7, 40))
    if life.chance("intake_missed"):
        moment = {"stap": "gemist", "geregistreerd_op": held.isoformat(), "redencode": "no_show"}
        life.institution_tells("uitnodigingen", application, held, _step(**moment))
        held = diary.school_day(held + ONE_DAY * dice.number(7, 14))
    _outcome(life, application, held)


def _outcome(life: Life, application: Application, held: date) -> None:
    rejected = life.chance("rejected")
    outcome = "rejected" if rejected else life.dice.weighted(OUTCOMES)
    told = {"intakedatum": held.isoformat(), "uitkomst": outcome, "redencode": REASONS.get(outcome, "")}
    life.institution_tells("intakes", application, held + ONE_DAY, told)
    if rejected:
        life.status(application, "REJECTED", held + ONE_DAY)
    elif outcome in ("placed", "provisional"):
        life.status(application, "OFFERED", held + ONE_DAY * life.dice.number(1, 8))


def _step(stap: str, geregistreerd_op: str, redencode: str = "") -> dict[str, str]:
    return {
        "stap": stap,
        "geregistreerd_op": geregistreerd_op,
        "antwoord_voor": "",
        "gepland_op": "",
        "vorm": "",
        "redencode": redencode,
    }


def _tries_again(life: Life) -> None:
    """After the last path was lost: another, by a new application that is offered a place."""
    lost = max(max(application.told.values()) for application in life.applications)
    made = life.apply(life.programme(), lost + ONE_DAY * life.dice.number(4, 25))
    life.status(made, "OFFERED", made.told["RECEIVED"] + timedelta(days=life.dice.number(5, 20)))


Step = Callable[[Life], str]
SPRING: Mapping[str, Step] = {
    "expected": chooses,
    "applying": applies,
    "without application": waits,
    "in intake": is_seen,
}
