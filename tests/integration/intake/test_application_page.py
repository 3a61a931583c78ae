"""The page of one application: every move by a form, what came in between, and taking it back."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from services.intake.pages.application.forms import FORMS
from shared.core.actor import Role
from shared.core.clock import FixedClock
from shared.core.ids import opaque_ref
from tests.integration.intake import bench as intake_bench
from tests.integration.intake import visiting as pages
from tests.integration.intake.bench import COORDINATOR, OTHER, PGNS, status
from tests.integration.intake.test_handlers import violations
from tests.integration.intake.visiting import Site
from tests.support import actor

bench = intake_bench.bench
site = pages.site
A1 = opaque_ref("application", "99XA", "A1")
HERE = f"/intake/applications/{A1}"
ONE = PGNS[0]


@pytest.fixture
async def received(site: Site) -> Site:
    await site.bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    return site


@pytest.fixture
async def enrolled(site: Site) -> Site:
    await site.bench.statuses(status(ONE, "ENROLLED", "2027-02-05", 1))
    for side in (site.bench.web, site.bench.worker):
        side.settings.clock = FixedClock(datetime(2027, 11, 5, 9, tzinfo=UTC))
    return site


async def send(site: Site, name: str, code: int = 303, **data: Any) -> str:
    """Fill in a form; the page that follows."""
    answer = await site.client.post(f"{HERE}/{name}", data=data)
    assert answer.status_code == code, answer.text
    return answer.text if code != 303 else await site.page(answer.headers["location"])


async def test_an_intake_goes_from_invitation_to_definite_placement(received: Site) -> None:
    site = received
    assert "Nog niet uitgenodigd" in await site.page(HERE)
    page = await send(site, "invitation", version="0", answer_by="2027-03-15")
    assert "De uitnodiging is vastgelegd." in page
    assert "15 maart 2027" in page
    page = await send(site, "appointment", version="1", planned_at="2027-03-02T13:30", form="on_site")
    assert "2 maart 2027 om 13.30 uur, op locatie" in page
    assert "Het ging niet door" in page
    page = await send(site, "non-attendance", version="2", reason="pupil_cancelled")
    assert "1, afgezegd door de aanmelder" in page
    page = await send(site, "intake", version="3", held_on="2027-02-28", outcome="provisional")
    assert "Voorlopig geplaatst" in page or "Definitief plaatsen" in page
    page = await send(site, "placement", version="4")
    assert "De plaatsing is definitief." in page
    assert "Definitief plaatsen" not in page
    assert [kind for kind, _, _ in await site.bench.events()][2:] == [
        "intake-invited",
        "intake-planned",
        "intake-missed",
        "intake-done",
        "intake-done",
    ]
    assert not await violations(site.bench)


async def test_what_was_done_can_be_taken_back_from_the_message_and_from_the_page(received: Site) -> None:
    site = received
    page = await send(site, "invitation", version="0")
    action, version = re.findall(r'action="([^"]+-undone)">\s*<input type="hidden" name="version" value="(\d)">', page)[
        0
    ]
    assert (action, version) == (f"{HERE}/intake-undone", "1")
    assert "Alles staat weer zoals het stond." in await send(site, "intake-undone", version=version)
    assert "iemand anders legde intussen iets vast" in await send(site, "intake-undone", version="1")
    assert "Dit kan niet worden teruggedraaid" in await send(site, "intake-undone", version="2")


async def test_who_was_second_sees_what_now_stands_and_keeps_what_was_typed(received: Site) -> None:
    site = received
    await send(site, "appointment", version="0", planned_at="2027-03-02T13:30", form="online")
    page = await send(site, "appointment", 422, version="0", planned_at="2027-03-04T10:00", form="phone")
    assert "wijzigde dit op" in page
    assert "2 maart 2027 om 13.30 uur, online" in page
    assert 'value="2027-03-04T10:00"' in page
    assert 'name="version" value="1"' in page
    page = await send(site, "intake", 422, version="0", held_on="2027-02-28", outcome="placed")
    assert "wijzigde dit op" in page
    assert 'value="2027-02-28"' in page
    await send(site, "intake", version="1", held_on="2027-02-28", outcome="placed")


async def test_wrong_input_is_explained_at_its_field(received: Site) -> None:
    site = received
    page = await send(site, "appointment", 422, version="0", planned_at="2027-02-02T13:30")
    assert 'href="#form"' in page
    page = await send(site, "appointment", 422, version="0", planned_at="2027-02-02T13:30", form="phone")
    assert "Een moment in de toekomst" in page
    page = await send(site, "intake", 422, version="0", held_on="2027-02-28", outcome="placed", advised_programme="x")
    assert 'href="#advised_programme"' in page


async def test_a_student_is_followed_to_the_end(enrolled: Site) -> None:
    site = enrolled
    assert "Start nog niet bekend" in await site.page(HERE)
    page = await send(
        site,
        "non-start",
        version="0",
        first_day="2027-08-30",
        checked_on="2027-09-06",
        reason="ill",
        contact_attempts="2",
    )
    assert "Vastgelegd is dat de student niet is gestart." in page
    assert "terugdraaien" not in page, "the first thing that was told can only be put right"
    page = await send(site, "start", version="1", first_day="2027-09-08")
    assert "Laatste stap van de inschrijving terugdraaien" in page
    page = await send(site, "switch", version="0", status="registered", switched_on="2027-09-20")
    (key,) = re.findall(r"/switch\?key=(\w+)", page)
    assert 'value="2027-09-20"' in await site.page(f"{HERE}/switch?key={key}")
    page = await send(site, "switch", 422, key=key, version="1", status="started", switched_on="2027-10-04")
    assert "De opleiding die is begonnen" in page
    page = await send(
        site,
        "switch",
        key=key,
        version="1",
        status="started",
        switched_on="2027-10-04",
        to_programme="25607",
        to_level="3",
    )
    assert "Begonnen met de nieuwe opleiding" in page
    report: dict[str, Any] = {"kind": "hours_16_in_4_weeks", "reported_on": "2027-10-04", "action_wanted": "true"}
    page = await send(site, "absence", key="V2027-1", version="0", status="registered", **report)
    assert "Melding V2027-1" in page
    page = await send(
        site,
        "absence",
        key="V2027-1",
        version="1",
        status="closed",
        closed_on="2027-11-02",
        closed_reason="back_to_school",
        **report,
    )
    assert "Terug naar school" in page
    page = await send(
        site, "end", version="2", ended_on="2027-10-12", reason="4", destination="other_mbo", to_institution="99XB",
        diploma="false", basic_qualification="false",
    )  # fmt: skip
    assert "4 – Keuze van studie of beroep" in page
    assert "Inschrijving gestopt" in page
    assert not await violations(site.bench)


@pytest.mark.parametrize("name", FORMS)
async def test_every_form_shows_who_it_is_about_to_who_may_use_it_alone(enrolled: Site, name: str) -> None:
    site = enrolled
    assert "Noor van der Proef" in await site.page(f"{HERE}/{name}")
    follows = FORMS[name].entity not in ("intake", "application")
    await site.sign_in(actor("99XA", Role.SLBER))
    await site.page(f"{HERE}/{name}", 200 if follows else 403)
    assert (f"{HERE}/{name}" in await site.page(HERE)) is follows
    await site.sign_in(actor("99XA", Role.INTAKER))
    await site.page(f"{HERE}/{name}", 403 if follows else 200)
    await site.sign_in(OTHER)
    await site.page(f"{HERE}/{name}", 404)


async def test_an_unknown_form_is_not_there(received: Site) -> None:
    await received.sign_in(COORDINATOR)
    await received.page(f"{HERE}/nothing", 404)
