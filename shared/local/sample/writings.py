"""What the schools write in the dossiers: short made-up texts per category, and whom they told of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from shared.core.reference.calendar import age_on
from shared.local.sample import HANDOVER_DAYS, WRITTEN_BEFORE
from shared.local.sample.dice import Dice
from shared.local.sample.people import Pupil

HOW_FAR = {"whole": 74, "half": 16, "not yet": 10}
NOTHING = {"cognitive": 0.5, "support": 0.62, "absence": 0.74}
"""Share of pupils of whom a school has nothing about this."""
HOW = {"gesprek": 50, "portaal": 30, "brief": 12, "mail": 8}
PUPIL_FROM = 16
TEXTS = {
    "results": (
        "Voldoende voor alle vakken. Rekenen gaat met moeite, taal gaat goed.",
        "Ruim voldoende in de praktijkvakken. Nederlands vraagt extra tijd.",
        "Sterk in het profielvak. Engels is zwak, met oefenen haalbaar.",
    ),
    "internship_and_work": (
        "Twee weken stage in een winkel: vriendelijk, op tijd, leert door te doen.",
        "Maatschappelijke stage in een verzorgingshuis. Vond het contact leuk.",
        "Stage bij een garage. Werkt graag met de handen, mag vaker iets vragen.",
    ),
    "advice": (
        "De gekozen opleiding past. Een open dag bezocht en een dag meegelopen.",
        "Wij adviseren een jaar lager te beginnen; de leerling denkt daarover na.",
        "De keuze is bewust gemaakt, met een tweede keuze achter de hand.",
    ),
    "cognitive": (
        "Leert het best met voorbeelden en korte opdrachten.",
        "Plant zelf weinig; een weektaak helpt.",
    ),
    "social_emotional": (
        "Ligt goed in de groep, trekt zich terug bij drukte.",
        "Enthousiast en soms snel afgeleid. Een vaste begeleider werkt goed.",
        "Rustig, zoekt weinig hulp. Vraag er zelf naar.",
    ),
    "support": (
        "Dyslexie: extra tijd bij toetsen en voorleessoftware.",
        "Begeleiding van de ondersteuningscoördinator, een gesprek in de week.",
        "Wennen kost tijd: een kennismaking voor de zomer helpt.",
    ),
    "absence": ("Afgelopen jaar enkele keren te laat, besproken en verbeterd.",),
}


@dataclass(frozen=True, slots=True)
class Writing:
    """What a school has about one category of one pupil."""

    pupil: Pupil
    category: str
    text: str
    """Empty: nothing is present."""


@dataclass(frozen=True, slots=True)
class Informed:
    """The family was told what goes."""

    pupil: Pupil
    on: date
    whom: str
    how: str


def day_of(site: str) -> date:
    """The day on which a site hands in its dossiers."""
    return HANDOVER_DAYS[site] - WRITTEN_BEFORE


def writings(dice: Dice, pupils: list[Pupil]) -> list[Writing]:
    """The texts of most pupils; some dossiers are half done, some not begun."""
    return [writing for pupil in pupils for writing in _of(dice, pupil)]


def _of(dice: Dice, pupil: Pupil) -> Iterator[Writing]:
    how_far = dice.weighted(HOW_FAR)
    if how_far == "not yet":
        return
    for category, texts in TEXTS.items():
        if how_far == "half" and dice.chance(0.5):
            continue
        vulnerable = pupil.track in ("pro", "vso", "isk") and category == "support"
        nothing = not vulnerable and dice.chance(NOTHING.get(category, 0.02))
        yield Writing(pupil, category, "" if nothing else dice.pick(texts))


def informed(dice: Dice, written: list[Writing]) -> list[Informed]:
    """Everybody of whom something was written heard of it in the weeks before."""
    return [_informed(dice, pupil) for pupil in dict.fromkeys(writing.pupil for writing in written)]


def _informed(dice: Dice, pupil: Pupil) -> Informed:
    on = day_of(pupil.site) - timedelta(days=dice.number(1, 20))
    whom = "leerling" if age_on(pupil.born, on) >= PUPIL_FROM else "ouders"
    return Informed(pupil, on, whom, dice.weighted(HOW))
