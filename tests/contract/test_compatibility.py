"""Old and new understand each other: every schema ever released against the newest models, in both directions."""

import copy
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.schemas.catalog import MAX_BYTES, MODELS, TOPICS, published_on
from shared.schemas.contract.compatibility import broken, opened
from shared.schemas.envelope import read
from shared.schemas.release import breaking, release, released, schema_of, write
from tests.contract.instances import instances, largest

RELEASED = {path.stem: (short, schema) for short, path, schema in released()}
ENCRYPTED = {model.TYPE for topic in TOPICS.values() if topic.encrypted for model in published_on(topic)}
MANY = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
Change = Callable[[dict[str, Any]], object]


def test_every_event_was_released_as_it_now_is() -> None:
    newest = {name: schema for name, _, schema in released()}
    assert {short: schema_of(short) for short in MODELS} == newest, "run 'python -m shared.schemas.release'"
    assert breaking() == []


@pytest.mark.parametrize("name", RELEASED)
@MANY
@given(st.data())
def test_what_an_old_producer_sends_is_read_by_the_newest_consumer(name: str, data: st.DataObject) -> None:
    short, schema = RELEASED[name]
    sent = data.draw(instances(schema))
    got = json.loads(read(MODELS[short], json.dumps(sent)).model_dump_json())
    assert set(sent) <= set(got)


@pytest.mark.parametrize("name", RELEASED)
@MANY
@given(st.data())
def test_what_the_newest_producer_sends_is_read_by_an_old_consumer(name: str, data: st.DataObject) -> None:
    short, schema = RELEASED[name]
    sent = MODELS[short].model_validate_json(json.dumps(data.draw(instances(schema_of(short)))))
    jsonschema.validate(json.loads(sent.model_dump_json()), opened(schema))


@pytest.mark.parametrize("short", sorted(MODELS))
@MANY
@given(st.data())
def test_a_consumer_reads_fields_and_codes_of_a_later_day(short: str, data: st.DataObject) -> None:
    sent = data.draw(instances(schema_of(short), closed=False)) | {"of_a_later_day": {"some": ["thing"]}}
    read(MODELS[short], json.dumps(sent))
    with pytest.raises(ValidationError):
        MODELS[short].model_validate_json(json.dumps(sent))


def test_a_producer_sends_listed_codes_only_and_a_consumer_keeps_an_unknown_one() -> None:
    data = {"occurred_at": "2027-06-18T12:00:00Z", "cohort": 2027, "vo_site": "99XX00", "since": "2027-08-01"}
    text = json.dumps(data | {"status": "registered", "route": "to_the_moon"})
    model = MODELS["other-route-registered"]
    with pytest.raises(ValidationError, match="one of repeats_year, havo"):
        model.model_validate_json(text)
    assert read(model, text).model_dump()["route"] == "to_the_moon"


BREAKS: dict[str, tuple[Change, str]] = {
    "a field is removed": (lambda s: s["properties"].pop("deputy"), "data/deputy: the field is gone"),
    "a field is made required": (
        lambda s: s["required"].append("mentor"),
        "data/mentor: the field was optional and is required now",
    ),
    "a new field is required": (
        lambda s: (s["properties"].update(school={"type": "string"}), s["required"].append("school")),
        "data/school: a new field is required",
    ),
    "a field is made optional": (
        lambda s: s["required"].remove("track"),
        "data/track: the field was required and is optional now",
    ),
    "an enumeration is narrowed": (
        lambda s: s["properties"]["track"]["enum"].remove("pro"),
        "data/track: the value is gone: pro",
    ),
    "an enumeration is widened": (
        lambda s: s["properties"]["track"]["enum"].append("vmbo-x"),
        "data/track: old consumers do not know vmbo-x",
    ),
    "a type changes": (
        lambda s: s["properties"]["cohort"].update(type="string"),
        "data/cohort: `type` was integer and is string now",
    ),
    "a field of a part is removed": (
        lambda s: s["$defs"]["RecordedBy"]["properties"].pop("role"),
        "data/recorded_by/role: the field is gone",
    ),
    "a text may be longer": (
        lambda s: s["properties"]["mentor"]["anyOf"][0].update(maxLength=65),
        "data/mentor: `maxLength` was 64 and is 65 now",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_breaking_change_is_told_with_the_field_and_what_to_do(name: str) -> None:
    schema = schema_of("pupil-expected")
    changed = copy.deepcopy(schema)
    change, what = BREAKS[name]
    change(changed)
    assert f"{what}; add a version" in broken(schema, changed)


def test_an_optional_field_a_new_title_and_a_new_code_break_nothing() -> None:
    schema = schema_of("other-route-registered")
    changed = copy.deepcopy(schema)
    changed["properties"]["note"] = {"type": "string"}
    changed["properties"]["route"]["x-codes"]["sabbatical"] = "Tussenjaar"
    changed["properties"]["since"]["title"] = "Begint"
    assert broken(schema, changed) == []


def test_a_release_keeps_what_was_released_and_refuses_what_breaks_it(tmp_path: Any) -> None:
    write(tmp_path)
    first = release(tmp_path)
    assert len(first) == len(MODELS)
    assert release(tmp_path) == [], "nothing has changed"
    path = tmp_path / "released" / "pupil-expected.v1.1.json"
    schema = json.loads(path.read_text())
    schema["properties"]["shoe_size"] = {"type": "integer"}
    path.write_text(json.dumps(schema))
    with pytest.raises(
        ValueError, match=r"pupil-expected\.v1\.1\.json: data/shoe_size: the field is gone; add a version"
    ):
        release(tmp_path)


@pytest.mark.parametrize("short", sorted(MODELS))
def test_the_largest_event_that_a_producer_may_send_fits(short: str) -> None:
    room = MAX_BYTES * 3 // 4 - 512 if short in ENCRYPTED else MAX_BYTES
    assert largest(schema_of(short)) <= room
