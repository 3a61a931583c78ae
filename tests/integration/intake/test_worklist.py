"""The work list of an institution: groups, filters, the file, inviting several at once, and the next of a group."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from services.intake.domain.absence import Absence
from services.intake.domain.enrolment import Ended, NotStarted, Started
from services.intake.domain.intake import Missed, Planned, Result, Said
from services.intake.domain.switch import Switch
from services.intake.handlers.enrolments import Follow, Followed, follow
from services.intake.handlers.intakes import Move, MoveIntake, move_intake
from shared.core.actor import Role
from shared.core.ids import opaque_ref
from shared.messaging.outbox import perform
from shared.schemas.intakes import IntakeOutcome
from shared.schemas.pupils import PupilErased, PupilLinked
from tests.integration.intake import bench as intake_bench
from tests.integration.intake import visiting
from tests.integration.intake.bench import (
    COORDINATOR,
    NOW,
    OTHER,
    PGNS,
    Bench,
    action,
    choice,
    handover,
    recorded,
    status,
    talk,
    told,
)
from tests.integration.intake.visiting import Site, groups
from tests.support import actor, search

bench = intake_bench.bench
site = visiting.site
ONE, TWO, THREE = PGNS[:3]
SLBER = actor("99XA", Role.SLBER, "person-7")
PLANNED = Planned(NOW + timedelta(days=2), "on_site")


def key(own_id: str) -> str:
    return opaque_ref("application", "99XA", own_id)


async def applied(bench: Bench, n: int = 3, what: str = "RECEIVED") -> None:
    """Pupils ONE, TWO, … with applications A1, A2, …"""
    await bench.statuses(*(status(PGNS[i], what, "2027-01-05", 1, id=f"A{i + 1}") for i in range(n)))


async def moved(bench: Bench, own_id: str, pgn: str, move: Move, said: Said | None = None) -> None:
    command = MoveIntake(key(own_id), bench.ref(pgn), move, said)
    await perform(bench.web, COORDINATOR, move_intake, command)


async def test_the_work_list_groups_by_what_must_be_done(site: Site) -> None:
    bench, two, three = site.bench, site.bench.ref(TWO), site.bench.ref(THREE)
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1), status(TWO, "REJECTED", "2027-02-25", 1, id="A2"))
    await bench.tell(told(three, recorded("Mees"), 1), told(two, recorded("Daan"), 1))
    await bench.tell(told(two, handover(two, "offered"), 2), told(three, choice(three), 2))
    page = await site.page("/intake/")
    assert groups(page) == {"invite": 1, "expected": 1}
    assert "Intakes (2)" in page
    assert "Mees Voorbeeld" in page
    assert groups(await site.page("/intake/?view=all")) == {"invite": 1, "expected": 1, "ended": 1}
    assert groups((await search(site.client, "/intake/", "mees")).text) == {"expected": 1}
    assert groups(await site.page("/intake/?view=all&status=rejected")) == {"ended": 1}
    await site.sign_in(OTHER)
    assert "Mees" not in await site.page("/intake/?view=all")


async def test_every_step_of_an_intake_has_its_group_and_its_own_next_thing_to_do(site: Site) -> None:
    bench = site.bench
    await applied(bench, 5)
    await moved(bench, "A2", TWO, "plan", PLANNED)
    await moved(bench, "A3", THREE, "plan", PLANNED)
    await moved(bench, "A3", THREE, "miss", Missed("pupil_cancelled"))
    await moved(bench, "A4", PGNS[3], "record", Result(NOW.date(), IntakeOutcome.PROVISIONAL))
    await bench.tell(told(bench.ref(PGNS[4]), talk(bench.ref(PGNS[4])), 1))
    await moved(bench, "A5", PGNS[4], "plan", Planned(NOW + timedelta(days=30), "online"))
    page = await site.page("/intake/")
    assert groups(page) == {"missed": 1, "invite": 1, "soon": 1, "undecided": 1, "warm": 1}
    assert "Intake op 3 maart 2027 om 10.00 uur, op locatie" in page
    assert "Nog 2 schooldagen <small>(3 mrt.)</small>" in page
    assert "1 keer gemist" in page
    assert f"/intake/applications/{key('A4')}?group=undecided" in page


async def test_a_dossier_and_a_talk_stand_with_one_application_of_a_pupil(site: Site) -> None:
    bench, ref = site.bench, site.bench.ref(ONE)
    await applied(bench, 1)
    await bench.statuses(status(ONE, "WITHDRAWN", "2027-01-06", 1, id="A9"))
    await bench.tell(told(ref, handover(ref, "offered"), 1), told(ref, talk(ref), 2))
    await moved(bench, "A1", ONE, "plan", Planned(NOW + timedelta(days=30), "online"))
    assert groups(await site.page("/intake/?view=all")) == {"warm": 1, "done": 1}
    talks = f'href="/dossier/talks/{opaque_ref("talk", ref)}"'
    page = await site.page("/intake/?view=new")
    assert groups(page) == {"warm": 1}
    assert talks in page
    await bench.tell(told(ref, talk(ref, held=True), 3))
    page = await site.page("/intake/?view=all")
    assert groups(page) == {"dossier": 1, "done": 1}
    assert f"/dossier/handovers/{opaque_ref('handover', ref, '2027', '99XA', '1')}" in page


async def test_my_work_is_what_the_region_says_i_must_do(site: Site) -> None:
    bench, ref = site.bench, site.bench.ref(ONE)
    await applied(bench, 2)
    await bench.tell(told(ref, action(ref, "person-1"), 1, "coordination"))
    page = await site.page("/intake/?view=mine")
    assert groups(page) == {"invite": 1}
    assert "Nog 3 schooldagen <small>(4 mrt.)</small>" in page
    await bench.tell(told(ref, action(ref, "person-1", done=True), 2, "coordination"))
    assert groups(await site.page("/intake/?view=mine")) == {}


async def test_a_study_career_adviser_sees_the_same_list_in_other_groups_and_can_not_invite(site: Site) -> None:
    bench, ref = site.bench, site.bench.ref(ONE)
    await applied(bench, 2, "ENROLLED")
    await bench.statuses(status(THREE, "RECEIVED", "2027-01-05", 1, id="A3"))
    await bench.tell(told(ref, talk(ref, held=True), 1))
    await site.sign_in(SLBER)
    page = await site.page("/intake/?view=all")
    assert groups(page) == {"follow_up": 1, "waiting": 1}
    assert "Studenten (2)" in page
    assert f'href="/dossier/talks/{opaque_ref("talk", ref)}"' in page
    assert "Nog 14 schooldagen <small>(20 mrt.)</small>" in page
    assert "Uitnodigen" not in page
    assert (await site.client.post("/intake/invitations", data={"id": key("A3")})).status_code == 403


async def test_who_is_enrolled_is_grouped_by_what_was_told_of_the_start(site: Site) -> None:
    bench, today = site.bench, NOW.date()
    await applied(bench, 5, "ENROLLED")
    await bench.statuses(status(PGNS[5], "RECEIVED", "2027-01-05", 1, id="A6"))
    started = Started(today)
    told_of: list[tuple[int, Followed, str, str, Any]] = [
        (0, "enrolment", "", "start", started),
        (1, "enrolment", "", "not_start", NotStarted(today, today)),
        (2, "enrolment", "", "start", started),
        (2, "switch", "s1", "register", Switch("registered", today)),
        (3, "enrolment", "", "start", started),
        (3, "absence", "17", "register", Absence("long_term", "registered", today)),
        (4, "enrolment", "", "start", started),
        (4, "enrolment", "", "end", Ended(today, 4)),
    ]
    for n, entity, own, move, said in told_of:
        command = Follow(entity, (key(f"A{n + 1}"), own), bench.ref(PGNS[n]), move, said)
        await perform(bench.web, SLBER, follow, command)
    await site.sign_in(SLBER)
    everybody = {"started": 1, "not_started": 1, "switch": 1, "absence": 1, "ended": 1}
    assert groups(await site.page("/intake/?view=all")) == everybody
    assert groups(await site.page("/intake/")) == {"not_started": 1, "switch": 1, "absence": 1}
    assert "Gemeld op 1 maart 2027" in await site.page("/intake/?task=absence")


async def test_from_august_the_list_leads_to_the_form_that_confirms_a_start(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await applied(site.bench, 1, "ENROLLED")
    monkeypatch.setattr(site.bench.web.settings.clock, "instant", datetime(2027, 8, 24, 9, tzinfo=UTC))
    await site.sign_in(SLBER)
    page = await site.page("/intake/")
    assert groups(page) == {"start": 1}
    (form,) = re.findall(rf'href="(/intake/applications/{key("A1")}/start[^"]*)"', page)
    assert "Start vastleggen" in page
    assert "Noor van der Proef" in await site.page(unescape(form))


async def test_talks_and_actions_go_with_the_pupil_and_vanish_with_them(site: Site) -> None:
    bench, ref, old = site.bench, site.bench.ref(ONE), site.bench.ref(TWO)
    await bench.tell(told(old, talk(old), 1))
    await bench.tell(told(old, action(old, "person-1"), 1, "coordination"))
    link = PupilLinked(occurred_at=NOW, survivor=ref, absorbed=old, evidence="bsn-received")
    await bench.tell(told(ref, link, 1))
    both = "SELECT pupil_ref FROM talk UNION ALL SELECT pupil_ref FROM action"
    assert [row["pupil_ref"] for row in await bench.rows(both)] == [ref, ref]
    await bench.tell(told(ref, PupilErased(occurred_at=NOW), 2))
    await bench.tell(told(old, talk(old, held=True), 2))
    assert not await bench.rows(both)


async def test_several_are_invited_after_a_preview_that_says_who_can_not_and_why(site: Site) -> None:
    bench = site.bench
    await applied(bench)
    await moved(bench, "A3", THREE, "plan", PLANNED)
    ids = [key("A1"), key("A2"), key("A3"), "unknown"]
    asked = {"id": ids, "back": "status=received"}
    preview = await site.client.post("/intake/invitations", data=asked)
    assert preview.status_code == 200
    assert "Nodig 2 leerlingen uit" in preview.text
    assert "de intake is al gepland" in preview.text
    assert "de aanmelding is hier niet bekend" in preview.text
    assert await invited(bench) == 0
    confirmed = asked | {"id": re.findall(r'name="id" value="([^"]+)"', preview.text)}
    assert confirmed["id"] == ids[:2]
    late = await site.client.post("/intake/invitations/confirmed", data=confirmed | {"answer_by": "2027-02-01"})
    assert (late.status_code, await invited(bench)) == (422, 0)
    assert 'href="#answer_by"' in late.text
    await moved(bench, "A2", TWO, "plan", PLANNED)  # Somebody else was quicker.
    done = await site.client.post("/intake/invitations/confirmed", data=confirmed | {"answer_by": "2027-03-15"})
    assert (done.status_code, done.headers["location"]) == (303, "/intake/?status=received")
    page = await site.page("/intake/?view=all")
    assert "1 leerling is uitgenodigd. Niet uitgenodigd: Noor van der Proef (de intake is al gepland)." in page
    assert groups(page) == {"soon": 2, "waiting": 1}
    undone = await undo(site, page)
    assert undone.headers["location"] == "/intake/?status=received"
    page = await site.page("/intake/")
    assert "1 uitnodiging is teruggedraaid." in page
    assert groups(page) == {"invite": 1, "soon": 2}
    assert [kind for kind, *_ in await bench.events()].count("intake-invited") == 2, "undoing is told as well"


async def test_an_invitation_after_which_something_happened_is_not_taken_back(site: Site) -> None:
    await applied(site.bench, 1)
    await site.client.post("/intake/invitations/confirmed", data={"id": key("A1")})
    page = await site.page("/intake/")
    await moved(site.bench, "A1", ONE, "plan", PLANNED)
    await undo(site, page)
    page = await site.page("/intake/")
    assert "0 uitnodigingen zijn teruggedraaid. 1 niet: er is daarna iets gebeurd." in page
    assert groups(page) == {"soon": 1}


async def test_nobody_is_invited_without_a_choice_nor_by_another_institution(site: Site) -> None:
    await applied(site.bench, 1)
    nobody = await site.client.post("/intake/invitations", data={"back": "status=received"})
    assert nobody.status_code == 422
    assert "Kies eerst een of meer leerlingen" in nobody.text
    await site.sign_in(OTHER)
    preview = await site.client.post("/intake/invitations", data={"id": key("A1")})
    assert "Noor" not in preview.text
    await site.client.post("/intake/invitations/confirmed", data={"id": key("A1")})
    await site.client.post("/intake/invitations/undo", data={"ids": f"{key('A1')}:1"})
    assert await invited(site.bench) == 0


async def test_from_one_application_to_the_next_of_its_group(site: Site) -> None:
    await applied(site.bench, 3)
    page = await site.page("/intake/?programme=25655")
    here = [unescape(href) for href in re.findall(r'class="os-name" href="([^"]+)"', page)]
    seen = []
    for place in here:
        query = place.partition("?")[2] + f"&after={place.partition('?')[0].rpartition('/')[2]}"
        answer = await site.client.get(f"/intake/next?{query}")
        seen.append(answer.headers["location"])
    assert seen == [*here[1:], "/intake/?programme=25655"]
    assert "Dat was de laatste van deze groep." in await site.page("/intake/")
    page = await site.page(here[0])
    assert 'href="/intake/?programme=25655"' in page
    (following,) = re.findall(r'href="(/intake/next[^"]+)"', page)
    assert (await site.client.get(unescape(following))).headers["location"] == here[1]
    (form,) = re.findall(r'action="([^"]+/intake\?[^"]+)"', page)
    saved = await site.client.post(unescape(form), data={"held_on": "2027-02-20", "outcome": "placed"})
    assert saved.headers["location"] == here[0], "the place in the list is kept"


async def test_the_file_has_one_row_per_pupil_and_no_number_of_a_pupil(site: Site) -> None:
    await applied(site.bench, 2)
    answer = await site.client.post("/intake/export?status=received", data={"q": "noor"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Leerling;Aanmeldnummer;Opleiding;Leerroute;School;Status;Wat moet er gebeuren;Uiterlijk"
    assert len(lines) == 3
    assert not [pgn for pgn in PGNS if pgn in answer.text]
    await site.sign_in(OTHER)
    assert len((await site.client.post("/intake/export")).text.splitlines()) == 1


async def test_a_long_group_shows_ten_and_a_way_to_all(site: Site) -> None:
    await site.bench.statuses(*(status(ONE, "RECEIVED", "2027-01-05", 1, id=f"A{n}") for n in range(51)))
    page = await site.page("/intake/")
    assert page.count('class="os-name"') == 10
    assert "Toon alle 51" in page
    assert (await site.page("/intake/?show=invite")).count('class="os-name"') == 51
    found = (await search(site.client, "/intake/?status=received", "noor")).text
    (everything,) = re.findall(r'form="search" formaction="([^"#]+show=invite)#invite"', found)
    page = (await search(site.client, unescape(everything), "noor")).text
    assert page.count('class="os-chip"') == 2
    assert page.count('class="os-name"') == 51


async def invited(bench: Bench) -> int:
    return len(await bench.rows("SELECT 1 FROM intake WHERE state = 'invited'"))


async def undo(site: Site, page: str) -> httpx.Response:
    """Press the button beside the message."""
    fields = dict(
        re.findall(r'<input type="hidden" name="(ids|back)" value="([^"]*)">', page[: page.index("os-views")])
    )
    assert fields
    return await site.client.post("/intake/invitations/undo", data=fields)
