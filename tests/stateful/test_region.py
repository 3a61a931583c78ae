"""Whatever is told, answered, adopted, absent, linked or erased, in whatever order and however late: every pupil has
one custodian and one next action, and nothing that is due is forgotten.

The default profile is small and plays the same programs every time, so that who changed something else is not told of
what was there before. OVERSTAP_TEST_EXAMPLES=2000 plays others, and more; OVERSTAP_TEST_SEED plays the same ones again;
the seed is printed.
"""

import os
import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from services.coordination.handlers.events import HANDLERS
from tests.stateful import memory, telling
from tests.stateful.machine import Region

EXAMPLES = int(os.environ.get("OVERSTAP_TEST_EXAMPLES") or 100)
SEED = int(os.environ.get("OVERSTAP_TEST_SEED") or (random.SystemRandom().randint(1, 10**9) if EXAMPLES > 100 else 777))
PROFILE = settings(
    max_examples=EXAMPLES,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[*HealthCheck],
    print_blob=True,
)
PEOPLE_AND_REFERENCES = {"pupil-linked", "pupil-erased", "alert-acknowledged", "alert-resolved"}
"""Events that have a rule of their own."""


def test_every_event_that_coordination_takes_in_is_told():
    assert set(HANDLERS) == set(telling.KINDS) | PEOPLE_AND_REFERENCES


@pytest.mark.timeout(timedelta(hours=2).total_seconds() if EXAMPLES > 100 else 300)
def test_no_pupil_is_ever_without_custodian_and_nothing_due_is_forgotten(monkeypatch):
    print(f"OVERSTAP_TEST_SEED={SEED} OVERSTAP_TEST_EXAMPLES={EXAMPLES}")
    memory.installed(monkeypatch)
    run_state_machine_as_test(seed(SEED)(Region), settings=PROFILE)
