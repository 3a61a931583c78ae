"""What a region can agree on, and what it is told when its file is wrong."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from services.coordination import agreement
from shared.core.errors import Invalid

DEFAULT = (agreement.FOLDER / "default.yaml").read_text()
OWN = """
version: example-2027.1
based_on: default-2026.1
region: "19"
valid_from: 2027-01-01
source: made up
"""


def faults(text: str) -> dict[str, str]:
    """Place without its line → what was expected there."""
    with pytest.raises(Invalid) as caught:
        agreement.parse(text, "region.yaml")
    return {fault.where.rpartition(": ")[2]: fault.expected for fault in caught.value.faults}


def changed(*place: str | int, value: object) -> str:
    """The default agreement with another value at a place."""
    content = yaml.safe_load(DEFAULT)
    inner = content
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return yaml.safe_dump(content)


def test_the_default_agreement_ships_and_works_without_configuration():
    assert agreement.load().version == "default-2026.1"
    assert [one.region for one in agreement.shipped()] == [None]


def test_every_fault_is_told_at_once_with_its_line_and_its_place_from_top_to_bottom():
    stages = "\n    stages:\n      - {day: 02-30, severity: loud, route: [mentor]}\n"
    text = OWN + "rule_huor: 8\nrules:\n  no-application:" + stages + "due_hour: 24\n"
    with pytest.raises(Invalid) as caught:
        agreement.parse(text, "region.yaml")
    assert {(f.where, f.expected) for f in caught.value.faults} == {
        ("region.yaml line 7: rule_huor", "a field that exists; perhaps rule_hour; found: rule_huor"),
        ("region.yaml line 11: rules/no-application/stages/0/severity", "one of: notice, warning, risk; found: loud"),
        (
            "region.yaml line 11: rules/no-application/stages/0/day",
            "a day as MM-DD, or application_date; found: 02-30",
        ),
        ("region.yaml line 12: due_hour", "an hour from 0 to 23; found: 24"),
    }
    assert [f.where.split(":")[0] for f in caught.value.faults] == [f"region.yaml line {n}" for n in (7, 11, 11, 12)]


def test_a_field_that_stands_twice_is_refused_because_the_last_would_win_in_silence():
    assert faults(OWN + "version: other\n") == {"version": "this field only once; found: other"}


@pytest.mark.parametrize("text", ["", "just words", "- a list", "a: [1, 2", "a: b: c"])
def test_what_is_no_list_of_fields_is_refused_with_its_place(text: str):
    with pytest.raises(Invalid, match=r"region\.yaml"):
        agreement.parse(text, "region.yaml")


@pytest.mark.parametrize(
    ("place", "value", "where", "expected"),
    [
        (("actions", "applied", "due"), "02-30", "actions/applied/due", "a day as MM-DD"),
        (("actions", "applied", "severity"), 4, "actions/applied/severity", "from 1"),
        (("escalation", "ladder"), [], "escalation/ladder", "ends at the region coordinator"),
        (("rules", "no-aplication"), {"stages": []}, "rules/no-aplication", "no-application"),
        (("rules", "no-application", "stages"), [], "rules/no-application/stages", "at least one stage"),
        (("rules", "no-application", "stages", 0, "day"), "06-01", "rules/no-application/stages", "in order of time"),
        (("rules", "no-application", "stages", 0, "route"), [], "rules/no-application/stages/0/route", "one party"),
        (("rules", "last-path-lost", "stages", 0, "day"), "06-01", "rules/last-path-lost/stages/0", "fires at once"),
        (("moments", "holiday"), {"monitors": "mentor", "guides": "mentor", "hands_over": "mentor"}, "moments/holiday",
         "summer"),
        (("norms", 0, "percentage"), 101, "norms/0/percentage", "from 0 to 100"),
        (("norms", 0, "day"), "1 April", "norms/0/day", "MM-DD"),
        (("small_number",), 3, "small_number", "5: all published"),
        (("small_number",), 10, "small_number", "5: all published"),
        (("actions", "applied", "opens"), "april", "actions/applied/opens", "a day as MM-DD"),
        (("deadlines", "grace_school_days"), 21, "deadlines/grace_school_days", "from 0 to 20"),
        (("version",), "region 19/2027", "version", "letters, digits"),
        (("rule_hour",), 24, "rule_hour", "from 0 to 23"),
        (("feedback_until",), "07-31", "feedback_until", "from 08-01"),
        (("feedback_until",), "11-31", "feedback_until", "a day as MM-DD"),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else None,
)  # fmt: skip
def test_a_wrong_value_is_refused_at_its_place(place, value, where, expected):
    found = faults(changed(*place, value=value))
    assert expected in found[where]


def test_a_region_writes_down_only_what_differs_from_the_version_it_is_based_on():
    text = OWN + "due_hour: 16\nrules:\n  no-application:\n    action: {kind: call_pupil, within_school_days: 3}\n"
    found, default = agreement.parse(text), agreement.load()
    assert (found.region, found.due_hour, found.valid_from) == ("19", 16, date(2027, 1, 1))
    assert found.rules["no-application"].stages == default.rules["no-application"].stages
    assert found.rules["no-application"].action.kind == "call_pupil"
    assert found.moments == default.moments


@pytest.mark.parametrize("word", ["false", "no", "off"])
def test_a_rule_is_switched_off_in_the_words_of_the_documentation(word: str):
    found = agreement.parse(OWN + f"rules:\n  no-application: {{on: {word}}}\n")
    assert [name for name, terms in found.rules.items() if not terms.on] == ["no-application"]


def test_an_agreement_can_only_be_based_on_a_version_that_ships():
    assert faults(OWN.replace("default-2026.1", "default-1999.1")) == {
        "based_on": "one of: default-2026.1; perhaps default-2026.1; found: default-1999.1"
    }


def test_a_rule_that_the_agreement_does_not_name_must_be_switched_off_in_so_many_words():
    content = yaml.safe_load(DEFAULT)
    del content["rules"]["last-path-lost"]
    assert "'last-path-lost'" in faults(yaml.safe_dump(content))["rules"]


def test_every_file_that_ships_is_valid():
    paths = sorted(Path(agreement.FOLDER).rglob("*.yaml"))
    assert [agreement.load(path).version for path in paths]
