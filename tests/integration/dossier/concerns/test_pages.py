"""The pages about concerns: raised from a record, heard on the other side, ended, and shown again with faults."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from services.dossier.pages.concerns import words
from shared.core.actor import Role
from shared.core.settings import Settings
from shared.schemas.vocabulary import codes
from tests.integration.dossier.bench import (
    COHORT,
    MBO,
    MENTOR,
    OTHER_DECAAN,
    OTHER_INTAKER,
    SYSTEM,
    Bench,
    opened,
    organisations,
    pupil_list,
)
from tests.support import actor

SLBER = actor(MBO, Role.SLBER, "person-7")
RAISE = {"reason": "contact_lost", "route": ["decaan", "intake_coordinator", "officer"], "mbo_institution": MBO}


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        await made.tell(*organisations())
        await made.apply_for(0)
        yield made


def test_every_reason_and_ending_has_its_words() -> None:
    assert set(words.REASONS) == codes.CONCERN_REASONS.codes.keys()
    assert set(words.RESOLUTIONS) == codes.CONCERN_RESOLUTIONS.codes.keys()


async def raised(bench: Bench, browser: httpx.AsyncClient) -> str:
    """The address of a concern that somebody raised."""
    page = await browser.post(address(bench), data=RAISE | {"note": "Bel na vijven"})
    assert "De zorg is gemeld" in page.text
    return page.url.path


def address(bench: Bench, n: int = 0) -> str:
    return f"/dossier/pupils/{bench.ref(n)}/cohorts/{COHORT}/concern"


async def test_a_concern_goes_from_raised_to_ended_on_the_pages_of_both_sides(bench: Bench) -> None:
    school, institution = await bench.sign_in(MENTOR), await bench.sign_in(SLBER)
    record = f"/dossier/pupils/{bench.ref(0)}"
    assert address(bench) in (await school.get(record)).text
    here = await raised(bench, school)
    assert "Open zorg: is niet te bereiken" in (await school.get(record)).text
    listed = (await institution.get("/dossier/concerns")).text
    assert "Zorgen (1 voor ons)" in listed
    assert "Noor0 van Verzonnen0" in listed
    page = (await institution.get(here)).text
    assert "mentor, Voorbeeldcollege" in page
    assert "leerplichtambtenaar" in page
    assert "Bel na vijven" not in page
    assert "Bel na vijven" in (await school.get(here)).text
    page = (await institution.post(f"{here}/resolve", data={"version": "1", "resolution": "talked"})).text
    assert "De zorg is afgerond" in page
    assert "Er is met de leerling gesproken" in page
    assert "/resolve" not in page
    assert "Open zorg" not in (await school.get(record)).text
    assert "Afgerond" in (await school.get("/dossier/concerns?group=done")).text


async def test_wrong_input_is_shown_again_and_an_older_version_beside_what_was_typed(bench: Bench) -> None:
    school, institution = await bench.sign_in(MENTOR), await bench.sign_in(SLBER)
    page = await school.post(address(bench), data={"note": "Mijn notitie", "route": "intake_coordinator"})
    assert (page.status_code, 'href="#reason"' in page.text) == (422, True)
    assert "Mijn notitie" in page.text
    page = await school.post(address(bench), data={"reason": "other", "route": "intake_coordinator"})
    assert (page.status_code, 'href="#mbo_institution"' in page.text) == (422, True)
    here = await raised(bench, school)
    assert (await school.post(f"{here}/resolve", data={"version": "1"})).status_code == 422
    await institution.post(f"{here}/resolve", data={"version": "1", "resolution": "talked"})
    late = await school.post(f"{here}/resolve", data={"version": "1", "resolution": "other", "note": "Te laat"})
    assert late.status_code == 422
    assert "ROC Denkbeeldig heeft dit gewijzigd" in late.text
    assert "Er is met de leerling gesproken" in late.text


async def test_only_who_may_raise_a_concern_gets_the_form(bench: Bench) -> None:
    for who, n, status in (
        (MENTOR, 1, 200), (SLBER, 0, 200), (SLBER, 1, 404), (OTHER_DECAAN, 0, 404), (OTHER_INTAKER, 0, 404),
        (SYSTEM, 0, 403), (actor("0344", Role.LEERPLICHT), 0, 403),
    ):  # fmt: skip
        browser = await bench.sign_in(who)
        assert (await browser.get(address(bench, n))).status_code == status, (who, n)
    nobody = await (await bench.sign_in(MENTOR)).get(address(bench, 1))
    assert "intake_coordinator" not in nobody.text, "no institution knows this pupil"
