"""Whose whole history a service hears: of those alone it can tell that something is missing."""

import pytest

from shared.messaging.repair import hears
from shared.schemas.catalog import SERVICES, publishers_heard
from shared.schemas.coordination import norms_subject
from shared.schemas.examples import PUPIL


@pytest.mark.parametrize("subject", ["19", "0344", "99MA", "99AA00"])
def test_signals_keeps_no_account_of_an_organisation_or_region_as_part_is_told_with_names_of_staff(
    subject: str,
) -> None:
    assert not hears("signals", "coordination", subject)
    assert all(hears(service, "coordination", subject) for service in ("dossier", "intake", "notifications"))


@pytest.mark.parametrize("subject", [PUPIL, norms_subject("19")])
def test_everybody_misses_what_is_lost_of_a_pupil_and_of_the_norms_of_a_region(subject: str) -> None:
    listening = [service for service in SERVICES if "coordination" in publishers_heard(service)]
    assert listening == ["dossier", "intake", "notifications", "signals"]
    assert all(hears(service, "coordination", subject) for service in listening)
