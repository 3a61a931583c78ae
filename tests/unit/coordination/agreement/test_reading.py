"""An agreement in plain Dutch says all that it says, and so does what differs between two."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.coordination import agreement
from services.coordination.domain.world.agreed import Agreement
from services.coordination.pages.agreements.reading import differences, read
from tests.unit.coordination.agreement.test_examples import RURAL, UTRECHT

ADAPTER = TypeAdapter(Agreement)
NAMES = {"0344": "Utrecht", "19": "Regio Utrecht", "01": "Regio Oost-Groningen"}
HEAD = {"version", "valid_from", "source", "region", "based_on"}
"""Stands above the chapters."""
IDLE = (
    {
        ("custody", "situations", row): {"role", "ahead_school_days", "answer_school_days", "basis", "asked", "deputy"}
        for row in ("holidays", "several_enrolments")
    }
    | {
        ("custody", "situations", "holidays"): {"role", "basis", "deputy"},
        ("custody", "situations", "left_under_18"): {"answer_school_days", "asked"},
        ("custody", "situations", "left_18_plus"): {"answer_school_days", "asked"},
    }
    | {
        ("custody", "situations", row): {"ahead_school_days", "answer_school_days"}
        for row in ("expected", "origin_unknown", "enrolled")
    }
)
"""What means nothing in a row: nobody is asked, the law decides, or whoever it is has a role already."""
DAYS = ("day", "due", "opens", "enrolled_from", "decided_from", "feedback_until")
WORDS = [
    "custodian",
    "team_leader",
    "mentor",
    "slber",
    "risk",
    "notice",
    "holder",
    "vo_site",
    "statutory",
    "agreed",
    "havo",
    "coordinator",
    "deputy",
    "officer",
    "school",
    "other",
]


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value that stands somewhere in it, with its place."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    for key, below in inner:
        yield from leaves(below, (*place, key))
    if not isinstance(value, dict | list | tuple):
        yield place, value


def others(place: tuple[Any, ...], value: Any) -> Iterator[Any]:
    """Other values that could stand there; not each is valid."""
    if place[-1] in DAYS:
        yield "12-24"
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value - 1 if place[-1] == "severity" and value > 1 else value + 1
    elif isinstance(value, date):
        yield date(2027, 12, 24)
    else:
        yield from (word for word in WORDS if word != value)


def changed(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The same with another value at a place."""
    if not place:
        return value
    key, *rest = place
    if isinstance(content, dict):
        return content | {key: changed(content[key], tuple(rest), value)}
    return [changed(one, tuple(rest), value) if n == key else one for n, one in enumerate(content)]


def told_of(content: dict[str, Any]) -> str | None:
    """All that it says; None when it cannot be."""
    try:
        return told(content)
    except ValidationError:
        return None


def told(content: dict[str, Any]) -> str:
    return repr([(one.title, one.topics) for one in read(ADAPTER.validate_python(content), NAMES)])


@pytest.mark.parametrize("which", [UTRECHT, RURAL], ids=lambda one: one.version)
def test_whatever_changes_in_an_agreement_can_be_read(which: Agreement):
    """Every single value, changed alone, gives another text."""
    content = ADAPTER.dump_python(which)
    before, silent = told(content), []
    for place, value in leaves(content):
        by_day = place[-1] == "within_school_days" and value is None
        off = place[0] == "rules" and not content["rules"][place[1]]["on"] and place[-1] != "on"
        if place[0] in HEAD or off or by_day or place[-1] in IDLE.get(place[:-1], ()):
            continue
        other = next(valid for other in others(place, value) if (valid := told_of(changed(content, place, other))))
        if other == before:
            silent.append(place)
    assert silent == []


def test_it_is_plain_dutch():
    chapters = {one.code: one.topics for one in read(UTRECHT, NAMES)}
    officer = "leerplicht (tot 18 jaar) of het Doorstroompunt (vanaf 18 jaar)"
    assert chapters["signals"]["Geen aanmelding voor het mbo"] == [
        "Vanaf 15 januari: melding voor de mentor.",
        "Vanaf 15 februari: waarschuwing voor de decaan.",
        f"Vanaf 1 maart: waarschuwing voor de decaan, daarna {officer}.",
        f"Vanaf de laatste dag om zich aan te melden: risico voor {officer}, daarna de decaan.",
        "Wie het als eerste hoort, heeft 5 schooldagen voor: Praat met de leerling over de aanmelding.",
    ]
    assert chapters["duty"]["Zomervakantie"] == ["Wie voor die week op het rooster staat."]
    assert chapters["duty"]["Rooster van de weken"][-1] == "Week van 14 augustus 2028: leerplicht, Utrecht."
    assert chapters["ladder"]["Wie het dan krijgt"][0] == "Meteen de plaatsvervanger."


def test_what_differs_is_told_topic_by_topic_and_nothing_else():
    default = agreement.load()
    found = dict(differences(read(default, NAMES), read(RURAL, NAMES)))
    lists = {topic.topic: (list(topic.before), list(topic.after)) for topic in found["Vakanties, en wie er dan is"]}
    days = "Van 18 september 2027 tot en met 26 september 2027 (voorbeeld: de week van de aardappeloogst)."
    assert lists["Oogstvakantie"] == ([], [days, "De school zelf."])
    signals = [
        one
        for one in found["Wanneer er een signaal komt, en wie het hoort"]
        if one.topic == "Aangemeld, niet geplaatst"
    ]
    assert (signals[0].before, signals[0].after) == (
        ["Vanaf 1 juni: waarschuwing voor de intakecoördinator van de instelling."],
        ["Vanaf 15 mei: waarschuwing voor de intakecoördinator van de instelling."],
    )
    assert "Hoe termijnen worden geteld" not in found
    assert list(differences(read(default, NAMES), read(default, NAMES))) == []
