"""Programs that send anything to the real services: what answers is always what the document promises."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from shared.core.actor import Actor
from tests.contract.region import INSTITUTION, OFFICER, OPERATOR, SCHOOL, Region, documents, running
from tests.integration.dossier.bench import PGNS

SEED = int(os.environ.get("OVERSTAP_TEST_SEED", "2027"))
EXAMPLES = int(os.environ.get("OVERSTAP_TEST_EXAMPLES", "15"))
DOCUMENTS = documents()
NO_LIMIT_OF_BUSINESS = {
    "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "401", "403", "404", "409", "412"]}
}
"""Rules of business (a day not in the future, a municipality of that day, a file that fits) are no part of a schema."""

schemathesis.openapi.format("pgn", st.sampled_from(PGNS))


def fuzzed(service: str) -> Any:
    """The document of a service, ready to be attacked in the same way every time."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
            "checks": NO_LIMIT_OF_BUSINESS,
        }
    )
    return schemathesis.openapi.from_dict(DOCUMENTS[service], config=config)


@pytest.fixture(scope="module")
async def region(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Region]:
    folder: Path = tmp_path_factory.mktemp("region")
    async with running(database_url, folder) as opened:
        yield opened


def attack(case: Any, region: Region, service: str, actor: Actor) -> None:
    """Send it, as somebody who may do much, half of the time at something that is there; every check is on."""
    print(f"seed {SEED}")
    aim(case, region.known)
    case.call_and_validate(base_url=region.url(service), headers=region.headers(actor), session=region.session)


def aim(case: Any, known: dict[str, list[str]]) -> None:
    """Put a key of something that is there where a valid key stands."""
    parts = case.meta.components if case.meta else {}
    path, body = parts.get(ParameterLocation.PATH), parts.get(ParameterLocation.BODY)
    if path and path.mode.is_positive:
        for name, value in case.path_parameters.items():
            if name in known:
                case.path_parameters[name] = known[name][len(value) * 7 % len(known[name])]
    if body and body.mode.is_positive and isinstance(case.body, dict) and "pupil_ref" in case.body:
        case.body["pupil_ref"] = known["pupil_ref"][int(case.body["cohort"]) % len(known["pupil_ref"])]


@fuzzed("dossier").parametrize()
def test_dossier_keeps_its_word_to_a_school(case: Any, region: Region) -> None:
    attack(case, region, "dossier", SCHOOL)


@fuzzed("dossier").parametrize()
def test_dossier_keeps_its_word_to_an_institution(case: Any, region: Region) -> None:
    attack(case, region, "dossier", INSTITUTION)


@fuzzed("intake").parametrize()
def test_intake_keeps_its_word(case: Any, region: Region) -> None:
    attack(case, region, "intake", INSTITUTION)


@fuzzed("coordination").parametrize()
def test_coordination_keeps_its_word(case: Any, region: Region) -> None:
    attack(case, region, "coordination", OPERATOR)


@fuzzed("notifications").parametrize()
def test_notifications_keeps_its_word(case: Any, region: Region) -> None:
    attack(case, region, "notifications", OFFICER)


@fuzzed("signals").parametrize()
def test_signals_keeps_its_word(case: Any, region: Region) -> None:
    attack(case, region, "signals", OFFICER)
