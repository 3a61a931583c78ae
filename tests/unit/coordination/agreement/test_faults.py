"""Whatever is wrong in an agreement is refused, at its place, with what was found and what would have been right; in
Dutch for who reads it on a page."""

import copy
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from services.coordination import agreement
from services.coordination.agreement import checks, terms
from services.coordination.agreement.fields import mended, validated
from services.coordination.domain.rules import RULES
from services.coordination.domain.world.agreed import FIGURES, KINDS
from services.coordination.pages.agreements import words
from shared.core.errors import Fault, Invalid, translated
from shared.web.texts import gettext
from shared.web.words import ACTIONS, NOT_DONE
from tests.unit.coordination.agreement.test_checks import DEFAULT, OWN, faults

SITUATIONS = ("custody", "situations")
STAGES = ("rules", "no-application", "stages")


def text(*place: str | int, value: Any) -> str:
    """An agreement of a region with one value of its own."""
    inner: Any = value
    for key in reversed(place):
        inner = {key: inner}
    return OWN + yaml.safe_dump(inner, allow_unicode=True)


def stages(*severities: str) -> list[dict[str, Any]]:
    days = ("02-01", "03-01", "03-15")
    return [{"day": day, "severity": one, "route": ["mentor"]} for day, one in zip(days, severities, strict=False)]


def at_once(*route: str) -> list[dict[str, Any]]:
    return [{"severity": "risk", "route": [*route]}]


WRONG: list[tuple[tuple[str, ...], Any, str, str]] = [
    # Roles that nobody can have.
    ((*SITUATIONS, "enrolled_not_started", "deputy"), "team_leader", "", "one of: intake_coordinator, intaker, slber"),
    ((*SITUATIONS, "expected", "role"), "mentr", "", "perhaps mentor; found: mentr"),
    ((*SITUATIONS, "expected", "role"), "officer", "", "one of: decaan, mentor, care_coordinator; found: officer"),
    ((*SITUATIONS, "started", "role"), "mentor", "", "one of: intake_coordinator"),
    ((*SITUATIONS, "holidays", "role"), "leerplicht", "", "has a role already; found: leerplicht"),
    ((*SITUATIONS, "several_enrolments", "deputy"), "slber", "", "has a role already; found: slber"),
    (("moments", "first_days", "monitors"), "transition_coach", "", "found: transition_coach"),
    (("moments", "sumer"), {"monitors": "slber", "guides": "slber", "hands_over": "slber"}, "", "perhaps summer"),
    (("escalation", "coordinators"), {"vo": "decan"}, "vo", "perhaps decaan; found: decan"),
    (("escalation", "coordinators"), {"mob": "intake_coordinator"}, "mob", "perhaps mbo; found: mob"),
    (("vacancies", "roles"), {"vso": ["decaan"]}, "vso", "perhaps vo; found: vso"),
    (("vacancies", "roles"), {"mbo": ["slber", "slbr"]}, "mbo/1", "perhaps slber; found: slbr"),
    (("silence", "allowed_school_days"), {"regoin": 5}, "regoin", "perhaps region; found: regoin"),
    # Who cannot have a pupil in a situation.
    ((*SITUATIONS, "expected", "organisation"), "institution", "", "one of: vo_site; found: institution"),
    ((*SITUATIONS, "started", "organisation"), "duty", "", "one of: institution, holder; found: duty"),
    ((*SITUATIONS, "started", "organisation"), "institutoin", "", "perhaps institution; found: institutoin"),
    ((*SITUATIONS, "startd"), {"organisation": "institution", "role": "slber"}, "", "perhaps started"),
    ((*SITUATIONS, "left_under_18", "role"), "doorstroompunt", "..", "the law decides"),
    ((*SITUATIONS, "started", "basis"), "statutory", "", "agreed: no law decides here; found: statutory"),
    # What nobody has words for.
    (("actions", "applied", "kind"), "hold-intak", "", "perhaps hold-intake; found: hold-intak"),
    (("intake_missed", "kind"), "plan-again", "", "found: plan-again"),
    (("rules", "concern", "action", "kind"), "look_into_concern", "", "perhaps look-into-concern"),
    (("norms",), [{"figure": "startd", "percentage": 95, "day": "10-01"}], "0/figure", "perhaps started"),
    (("norms",), [{"figure": "started", "percentage": 95, "day": "10-01"}] * 2, "1", "one norm for this figure"),
    # Rules.
    ((*STAGES,), at_once("chosen"), "0/route/0", "somebody this rule knows of: mentor, decaan"),
    (("rules", "not-listed", "stages"), at_once("vo_person"), "0/route/0", "found: vo_person"),
    (("rules", "double-enrolment", "stages"), at_once("institution"), "0/route/0", "custodian; found: institution"),
    (("rules", "concern", "stages"), at_once("chosen", "chosen"), "0/route/1", "this party only once; found: chosen"),
    ((*STAGES,), stages("warning", "notice"), "1/severity", "warning or more, as the stage before it; found: notice"),
    ((*STAGES,), stages("notice", "risk", "warning"), "2/severity", "risk or more"),
    # Numbers below what means anything, or above what any year has room for.
    (("intake_missed", "within_school_days"), -1, "", "from 0 to 200 school days; found: -1"),
    (("rules", "concern", "action", "within_school_days"), -5, "", "from 0 to 200 school days"),
    (("rules", "concern", "action", "within_school_days"), 10**9, "", "from 0 to 200 school days"),
    (("escalation", "again_after_school_days"), 0, "", "from 1 to 200 school days; found: 0"),
    ((*SITUATIONS, "started", "answer_school_days"), -3, "", "from 1 to 200 school days"),
    (("custody", "holiday_answer_days"), -1, "", "from 1 to 200 days"),
    (("silence", "within_school_days"), 0, "", "from 1 to 200 school days"),
    (("silence", "allowed_school_days"), {"vo": -20}, "vo", "from 1 to 200 school days"),
    (("least_school_days",), -1, "", "from 0 to 200 school days"),
    # Ladders.
    (("escalation", "ladder"), [{"to": "region_coordinator", "after_school_days": 1}] * 2, "", "each step once"),
    # What cannot be read.
    (("rule_hour",), "eight", "", "a whole number; found: eight"),
    (("deadlines", "before_holiday"), "maybe", "", "true or false; found: maybe"),
    (("feedback_until",), 1001, "", "a text, in quotes if it is a number; found: 1001"),
    (("escalation", "ladder"), "deputy", "", "a list; found: deputy"),
    (("escalation",), "deputy", "", "fields with their values; found: deputy"),
    (("actions", "aplied"), {"kind": "hold-intake"}, "", "perhaps applied; found: aplied"),
    (("actions", "applied", "owner"), "institutoin", "", "perhaps institution; found: institutoin"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value", "below", "expected"), WRONG, ids=[f"{'/'.join(place)}={value}" for place, value, *_ in WRONG]
)
def test_a_mistake_is_told_at_its_place_with_what_was_found(
    place: tuple[str, ...], value: Any, below: str, expected: str
) -> None:
    with pytest.raises(Invalid) as caught:
        agreement.parse(text(*place, value=value))
    found = {fault.where.rpartition(": ")[2]: fault.expected for fault in caught.value.faults}
    where = "/".join(place[:-1] if below == ".." else (*place, *below.split("/")) if below else place)
    assert expected in found[where], found
    for fault in caught.value.faults:
        told = in_dutch(fault.expected)
        assert not {"found", "perhaps", "one of", "school days", "field"} & set(told.split()), told
        assert fault.code in words.FAULTS or fault.code == "invalid", fault


def test_all_mistakes_of_one_text_are_told_at_once_also_beside_what_cannot_be_read() -> None:
    whole = yaml.safe_load(OWN)
    for place, value in (
        (("rule_hour",), "eight"),
        (("due_huor",), 17),
        (("actions", "applied", "kind"), "hold-intak"),
        ((*SITUATIONS, "started", "role"), "mentor"),
        (("silence", "allowed_school_days", "vso"), -1),
        (("rules", "concern", "stages"), [{"severity": "loud", "route": ["mentor", "nobody"]}]),
        (("norms",), [{"figure": "startd", "percentage": 101, "day": "10-32"}]),
    ):
        inner = whole
        for key in place[:-1]:
            inner = inner.setdefault(key, {})
        inner[place[-1]] = value
    assert faults(yaml.safe_dump(whole)).keys() == {
        "rule_hour",
        "due_huor",
        "actions/applied/kind",
        "custody/situations/started/role",
        "silence/allowed_school_days/vso",
        "rules/concern/stages/0/severity",
        "rules/concern/stages/0/route/1",
        "norms/0/figure",
        "norms/0/percentage",
        "norms/0/day",
    }


GROWING = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ("valid_from: 2027-13-45\n", "region.yaml line 1: valid_from"),
        ("rule_hour: !!int eight\n", "region.yaml"),
        ("rule_hour: " + "[" * 20_000, "region.yaml"),
        ("duty: &duty {summer: *duty}\n", "region.yaml"),
        (GROWING, "region.yaml"),
    ],
    ids=["a day of no calendar", "a tag that lies", "a thousand brackets", "a reference to itself", "ten to the ninth"],
)
def test_whatever_text_it_is_it_is_refused_and_nothing_breaks(wrong: str, where: str) -> None:
    with pytest.raises(Invalid) as refused:
        agreement.parse(wrong, "region.yaml")
    assert where in {fault.where for fault in refused.value.faults}


def test_what_cannot_be_read_brings_no_faults_that_are_none() -> None:
    """What hangs together with it is judged when it can be read."""
    for name, value in (("valid_from", "soon"), ("region", 19), ("holidays", [{"name": "harvest"}])):
        found = faults(yaml.safe_dump(yaml.safe_load(OWN) | {name: value, "duty": {"summer": "roster"}}))
        assert {where.partition("/")[0] for where in found} == {name}


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of everything in an agreement."""
    for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*place, key)
        yield from leaves(below, (*place, key))


def put(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    whole = copy.deepcopy(content)
    inner = whole
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return whole


CONTENT = agreement.read(DEFAULT, "default.yaml").content


UNFIT = ([[]], {"a": {}}, None, "wrong", -(10**6))


def test_nothing_that_does_not_fit_goes_through_or_breaks_the_look() -> None:
    """At every place of the agreement that ships: either it may stand there, or who reads it hears why not."""
    for place, value in zip(leaves(CONTENT), itertools.cycle(UNFIT), strict=False):
        changed = put(CONTENT, place, value)
        agreed, misfits = validated(changed)
        readable = agreed or validated(mended(changed, CONTENT, misfits))[0]
        assert readable, "everything else can be looked at"
        for one in (*(misfit.found for misfit in misfits), *checks.found(readable)):
            assert in_dutch(one.expected) != one.expected, (place, one)


def in_dutch(expected: str) -> str:
    return translated(expected, gettext)


def test_what_a_person_is_called_is_not_repeated() -> None:
    who = {"organisation": "19", "role": "doorstroompunt", "person": 12}
    found = faults(text("duty", "may", value=who))
    assert found["duty/may/person"] == "a text, in quotes if it is a number"


def test_a_text_that_was_adopted_is_read_though_less_may_be_agreed_on_now() -> None:
    older = text(*SITUATIONS, "started", "deputy", value="team_leader")
    assert agreement.kept(older, "region-19-2026.1").custody.situations["started"].deputy == "team_leader"  # type: ignore[index]
    with pytest.raises(Invalid, match=r"region-19-2026\.1 line 7"):
        agreement.kept(OWN + "due_huor: 9\n", "region-19-2026.1")


def test_a_text_with_a_fault_is_told_as_a_command_tells_it() -> None:
    with pytest.raises(Invalid) as caught:
        agreement.parse(OWN + "due_hour: 30\n", "region.yaml")
    assert caught.value.faults == (
        Fault("region.yaml line 7: due_hour", "an hour from 0 to 23; found: 30", "out_of_range"),
    )


def test_of_everything_that_may_be_asked_there_are_words() -> None:
    assert not set(KINDS) - ACTIONS.keys()
    assert not set(KINDS) - NOT_DONE.keys()
    assert set(FIGURES) == words.FIGURES.keys()


def test_who_hears_of_a_rule_is_somebody_whom_the_rule_knows() -> None:
    """By what the rule itself names."""
    knowing = {party: {name for name, rule in RULES.items() if party in terms.parties(rule)} for party in words.PARTIES}
    assert knowing["chosen"] == {"concern"}
    assert knowing["vo_person"] == knowing["mbo_person"] == {"warm-handover-open"}
    assert knowing["mentor"] == RULES.keys()
    assert knowing["institution"] == knowing["slber"] < RULES.keys()
