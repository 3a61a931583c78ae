"""Every event has an example that a reader can trust."""

import json

import pytest

from shared.schemas.catalog import MODELS
from shared.schemas.envelope import read
from shared.schemas.examples import FOLDER, examples


@pytest.mark.parametrize("short", sorted(MODELS))
def test_the_example_of_an_event_is_what_a_producer_may_send(short: str) -> None:
    MODELS[short].model_validate_json(json.dumps(examples()[short]))


@pytest.mark.parametrize("short", sorted(MODELS))
def test_the_example_shows_every_field_that_must_be_there_and_survives_the_wire(short: str) -> None:
    model, example = MODELS[short], examples()[short]
    data = read(model, json.dumps(example))
    assert read(model, data.model_dump_json()) == data
    assert {name for name, field in model.model_fields.items() if field.is_required()} <= set(example)


def test_there_is_no_example_of_an_event_that_does_not_exist() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(MODELS)
