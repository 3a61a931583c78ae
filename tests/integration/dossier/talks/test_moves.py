"""Warm handover through the API: both sides move, notes stay inside, and of two that race one wins."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from icalendar import Calendar

from services.dossier.store import talks as kept
from shared.core.actor import Actor, Role
from shared.core.settings import Settings
from shared.storage import queries
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    HANDOVERS,
    INTAKER,
    MBO,
    MENTOR,
    MENTOR_REF,
    NOW,
    OTHER_DECAAN,
    OTHER_INTAKER,
    OTHER_MBO,
    PUPILS,
    SITE,
    Bench,
    opened,
    organisations,
    pupil_list,
    pupil_row,
)

AUDIT = queries.load(Path(__file__).parents[4] / "services/dossier/sql/audit.sql")
PLAN = {"planned_at": "2027-03-01T08:00:00Z", "form": "phone", "roles": ["mentor", "intaker"], "vo_person": MENTOR_REF}
REPORT = {
    "held_at": "2027-03-01T08:00:00Z",
    "informed": True,
    "mbo_person": "person-4",
    "follow_ups": [
        {"action": "call_parents", "role": "intaker", "person_ref": "person-4", "due": "2027-03-15"},
        {"action": "send_information", "role": "mentor", "person_ref": MENTOR_REF, "due": "2027-03-08"},
    ],
}


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        await made.tell(*organisations())
        await made.apply_for(0)
        yield made


async def ask(bench: Bench, who: Actor, n: int = 0, mbo: str = MBO, **more: Any) -> httpx.Response:
    asked = {"pupil_ref": bench.ref(n), "cohort": COHORT, "mbo_institution": mbo} | more
    return await bench.post("/talks", who, asked)


async def talk_of(bench: Bench, who: Actor = DECAAN, *moves: tuple[str, Actor, dict[str, Any]]) -> str:
    """A talk that somebody asked for, after these moves."""
    talk_id: str = (await ask(bench, who)).raise_for_status().json()["talk_id"]
    for step, mover, asked in moves:
        (await bench.post(f"/talks/{talk_id}/{step}", mover, asked)).raise_for_status()
    return talk_id


async def told(bench: Bench) -> list[tuple[str, dict[str, Any]]]:
    return [(kind, data) for kind, _, data in await bench.events() if "talk_id" in data]


async def test_every_move_of_both_sides_is_told_whole(bench: Bench) -> None:
    talk_id = await talk_of(
        bench, INTAKER, ("plan", DECAAN, PLAN), ("miss", INTAKER, {"reason": "vo_absent"}), ("plan", MENTOR, PLAN),
        ("report", INTAKER, REPORT),
    )  # fmt: skip
    answer = await bench.post(f"/talks/{talk_id}/follow-ups/0/completion", INTAKER, {})
    assert (answer.status_code, answer.json()["version"], answer.headers["etag"]) == (202, 6, '"6"')
    events = await told(bench)
    names = ["requested", "planned", "missed", "planned", "held", "held"]
    assert [kind for kind, _ in events] == [f"warm-handover-{name}" for name in names]
    last = events[-1][1]
    assert (last["requested_by"], last["hold_by"], last["missed"]) == ("mbo", "2027-10-01", 1)
    assert (last["vo_person"], last["mbo_person"], last["informed"]) == (MENTOR_REF, "person-4", True)
    assert [(one["organisation"], one["done_on"]) for one in last["follow_ups"]] == [(MBO, "2027-03-01"), (SITE, None)]
    assert await violations(bench) == []


async def violations(bench: Bench) -> list[tuple[str, str]]:
    """What breaks a rule of the audit about talks."""
    rules = [rule for rule in AUDIT if "talk" in rule]
    assert len(rules) == 4
    return [(rule, row["what"]) for rule in rules for row in await bench.rows(AUDIT[rule])]


async def test_a_talk_is_asked_for_by_who_knows_the_pupil_only(bench: Bench) -> None:
    refused = {
        "another school": await ask(bench, OTHER_DECAAN),
        "an institution without an application": await ask(bench, OTHER_INTAKER, mbo=OTHER_MBO),
        "an institution for another": await ask(bench, INTAKER, mbo=OTHER_MBO),
        "a school, where nobody knows the pupil": await ask(bench, DECAAN, mbo=OTHER_MBO),
        "nobody applied": await ask(bench, DECAAN, 1),
    }
    assert {why: answer.status_code for why, answer in refused.items()} == {
        "another school": 404,
        "an institution without an application": 404,
        "an institution for another": 403,
        "a school, where nobody knows the pupil": 409,
        "nobody applied": 409,
    }
    assert (await ask(bench, MENTOR, hold_by="2027-02-01")).status_code == 400
    assert (await ask(bench, MENTOR, hold_by="2027-06-01")).json()["status"] == "requested"
    assert (await ask(bench, INTAKER)).json()["open_moves"] == ["plan"]
    assert (await told(bench))[-1][1]["hold_by"] == "2027-06-01"


async def test_a_talk_follows_a_talk_that_was_held(bench: Bench) -> None:
    first = (
        await talk_of(bench, DECAAN, ("plan", DECAAN, PLAN), ("report", DECAAN, REPORT | {"mbo_person": None}))
        if False
        else await talk_of(bench, DECAAN, ("plan", DECAAN, PLAN), ("report", INTAKER, REPORT))
    )
    second = (await ask(bench, INTAKER)).json()["talk_id"]
    assert first != second
    listed = (await bench.get("/talks?limit=1", INTAKER)).json()
    rest = (await bench.get(f"/talks?after={listed['next']}", INTAKER)).json()
    assert {one["talk_id"] for one in (*listed["items"], *rest["items"])} == {first, second}


async def test_a_dossier_that_is_offered_with_a_talk_asks_for_one_unless_one_is_open(bench: Bench) -> None:
    asked = {"pupil_ref": bench.ref(0), "cohort": COHORT, "mbo_institution": MBO, "kind": "warm"}
    handover_id = (await bench.post("/handovers", DECAAN, asked)).json()["handover_id"]
    (event,) = await told(bench)
    assert (event[0], event[1]["handover_id"]) == ("warm-handover-requested", handover_id)
    await bench.post(f"/handovers/{handover_id}/withdrawal", DECAAN, {"reason": "error"})
    assert (await bench.post("/handovers", DECAAN, asked)).status_code == 202
    assert len(await told(bench)) == 1


async def test_a_pupil_of_a_track_with_always_a_talk_gets_one_and_the_file_counts_its_rows(bench: Bench) -> None:
    await bench.send("pupil", PUPILS + "\n".join([pupil_row(0), pupil_row(1, leerweg="pro")]))
    await bench.apply_for(1)
    rows = [f"{SITE};{COHORT};{1000 + n};{MBO};koud" for n in (0, 1)]
    assert await bench.counts("handover", HANDOVERS + "\n".join(rows)) == {"received": 2, "applied": 2}
    assert [subject for kind, subject, _ in await bench.events() if kind == "warm-handover-requested"] == [bench.ref(1)]


async def test_a_note_is_read_by_the_organisation_of_its_writer_alone(bench: Bench) -> None:
    talk_id = await talk_of(bench, INTAKER, ("plan", DECAAN, PLAN | {"note": "Vraag naar de reistijd"}))
    await bench.post(f"/talks/{talk_id}/miss", INTAKER, {"reason": "cancelled", "note": "Moeder belde af"})
    notes = {who: (await bench.get(f"/talks/{talk_id}", who)).json()["notes"] for who in (MENTOR, INTAKER)}
    assert [one["text"] for one in notes[MENTOR]] == ["Vraag naar de reistijd"]
    assert [one["text"] for one in notes[INTAKER]] == ["Moeder belde af"]
    assert "reistijd" not in str(await bench.events())
    async with bench.service_database().as_actor(INTAKER) as conn:
        assert [row["text"] for row in await conn.fetch("SELECT text FROM talk_note")] == ["Moeder belde af"]


async def test_of_two_moves_that_race_one_wins_and_the_other_is_told_what_is_open(bench: Bench) -> None:
    talk_id = await talk_of(bench, DECAAN, ("plan", DECAAN, PLAN))
    report = bench.post(f"/talks/{talk_id}/report", DECAAN, REPORT | {"mbo_person": None})
    await bench.post(f"/talks/{talk_id}/plan", INTAKER, PLAN | {"mbo_person": "person-4"})
    miss = bench.post(f"/talks/{talk_id}/miss", INTAKER, {"reason": "vo_absent"})
    answers = await asyncio.gather(report, miss)
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    (lost,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert (lost["state"], lost["open_moves"]) in (("held", ["tick"]), ("missed", ["plan"]))
    answers = await asyncio.gather(ask(bench, DECAAN), ask(bench, INTAKER))
    assert all(answer.status_code in (202, 409) for answer in answers)
    assert sum(answer.status_code == 202 for answer in answers) == (lost["state"] == "held")


async def test_who_saw_an_older_version_is_told_who_changed_it(bench: Bench) -> None:
    talk_id = await talk_of(bench)
    seen = (await bench.get(f"/talks/{talk_id}", INTAKER)).headers["etag"]
    await bench.post(f"/talks/{talk_id}/plan", DECAAN, PLAN)
    path = f"/dossier/api/v1/talks/{talk_id}/plan"
    late = await bench.client.post(path, json=PLAN, headers=bench.headers(INTAKER) | {"if-match": seen})
    assert (late.status_code, late.json()["version"], late.json()["changed_by"]) == (412, 2, SITE)
    fresh = (await bench.get(f"/talks/{talk_id}", INTAKER)).headers["etag"]
    again = await bench.client.post(path, json=PLAN, headers=bench.headers(INTAKER) | {"if-match": fresh})
    assert again.status_code == 202


async def test_everything_wrong_is_told_at_once_and_a_name_must_be_of_that_organisation(bench: Bench) -> None:
    talk_id = await talk_of(bench)
    wrong = PLAN | {"planned_at": "2030-01-01T08:00:00Z", "form": "letter", "roles": []}
    faults = (await bench.post(f"/talks/{talk_id}/plan", DECAAN, wrong)).json()["errors"]
    assert [fault["where"] for fault in faults] == ["/body/form", "/body/roles"]
    answer = await bench.post(f"/talks/{talk_id}/plan", DECAAN, PLAN | {"mbo_person": MENTOR_REF})
    assert [fault["code"] for fault in answer.json()["errors"]] == ["unknown_person"]
    assert (await bench.post(f"/talks/{talk_id}/miss", DECAAN, {"reason": "vo_absent"})).status_code == 409


@pytest.mark.parametrize("who", [OTHER_DECAAN, OTHER_INTAKER, Actor("", Role.DECAAN)])
async def test_another_organisation_sees_no_talk_by_the_policies_alone_nor_by_the_queries_alone(
    bench: Bench, who: Actor
) -> None:
    talk_id = await talk_of(bench, DECAAN, ("plan", DECAAN, PLAN | {"note": "x"}))
    async with bench.service_database().as_actor(who) as conn:
        for table in ("talk", "talk_note"):
            assert await conn.fetch(f"SELECT * FROM {table}") == []
        assert await kept.names(conn, [talk_id]) == {}
        assert await conn.execute("UPDATE talk SET status = 'held'") == "UPDATE 0"
        assert await kept.known_at(conn, [(bench.ref(0), COHORT, MBO)]) == set()
    async with bench.worker.db.acquire() as conn:
        assert await kept.talk(conn, talk_id, who.organisation) is None
        assert await kept.talks(conn, who.organisation) == []
        assert await kept.notes(conn, talk_id, who.organisation) == []
    if who.organisation:
        assert (await bench.get(f"/talks/{talk_id}", who)).status_code == 404
        assert (await bench.get(f"/talks/{talk_id}/calendar", who)).status_code == 404
        assert (await bench.post(f"/talks/{talk_id}/plan", who, PLAN)).status_code == 404


async def test_by_the_policies_alone_no_talk_is_made_where_the_pupil_is_not_known(bench: Bench) -> None:
    talk_id = await talk_of(bench)
    copy = "INSERT INTO talk SELECT (jsonb_populate_record(t, $1::jsonb)).* FROM talk t WHERE talk_id = $2"
    for who, changes in ((DECAAN, {"mbo_institution": OTHER_MBO}), (DECAAN, {"pupil_ref": bench.ref(1)})):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with bench.service_database().as_actor(who) as conn:
                await conn.execute(copy, json.dumps(changes | {"talk_id": "forged"}), talk_id)


@pytest.mark.parametrize("who", [OTHER_DECAAN, OTHER_INTAKER])
async def test_by_the_policies_alone_no_note_is_written_on_a_talk_of_others(bench: Bench, who: Actor) -> None:
    talk_id = await talk_of(bench)
    columns = "note_ref, talk_id, organisation, at, role, text"
    written = f"INSERT INTO talk_note ({columns}) VALUES ('n', $1, $2, $3, 'decaan', 'forged')"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with bench.service_database().as_actor(who) as conn:
            await conn.execute(written, talk_id, who.organisation, NOW)


async def test_the_institution_reads_the_name_for_as_long_as_it_knows_the_pupil(bench: Bench) -> None:
    talk_id = await talk_of(bench)

    async def named(who: Actor) -> dict[str, str]:
        async with bench.service_database().as_actor(who) as conn:
            return await kept.names(conn, [talk_id])

    assert await named(INTAKER) == await named(DECAAN) == {talk_id: "Noor0 van Verzonnen0"}
    await bench.apply_for(0, "withdrawn", sequence=2)
    assert (await named(INTAKER), len(await named(DECAAN))) == ({}, 1)


async def test_the_calendar_file_is_one_that_programs_read_and_names_nobody(bench: Bench) -> None:
    talk_id = await talk_of(bench)
    assert (await bench.get(f"/talks/{talk_id}/calendar", DECAAN)).status_code == 409
    await bench.post(f"/talks/{talk_id}/plan", DECAAN, PLAN | {"planned_at": "2027-06-14T10:00:00+02:00"})
    first = await bench.get(f"/talks/{talk_id}/calendar", INTAKER)
    assert first.headers["content-type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert first.content == (await bench.get(f"/talks/{talk_id}/calendar", DECAAN)).content
    text = first.content.decode()
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 and "\n" not in line for line in text.split("\r\n"))
    for secret in ("Noor0", "Verzonnen0", "2011", "1000", bench.ref(0)):
        assert secret not in text.replace("\r\n ", "")
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event.decoded("dtstart") == datetime(2027, 6, 14, 8, tzinfo=UTC)
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=30)
    assert f"/dossier/talks/{talk_id}" in str(event["url"])
    await bench.post(f"/talks/{talk_id}/plan", DECAAN, PLAN | {"planned_at": "2027-06-15T08:00:00Z"})
    again = Calendar.from_ical((await bench.get(f"/talks/{talk_id}/calendar", DECAAN)).content)
    (moved,) = again.walk("VEVENT")
    assert moved["uid"] == event["uid"]
    assert moved["sequence"] > event["sequence"]
    assert (again["version"], again["method"], "prodid" in again) == ("2.0", "PUBLISH", True)
    await bench.post(f"/talks/{talk_id}/miss", INTAKER, {"reason": "cancelled"})
    gone = await bench.get(f"/talks/{talk_id}/calendar", DECAAN)
    (cancelled,) = Calendar.from_ical(gone.content).walk("VEVENT")
    assert ("method=CANCEL" in gone.headers["content-type"], cancelled["status"]) == (True, "CANCELLED")
    assert (cancelled["uid"], cancelled["sequence"] > moved["sequence"]) == (event["uid"], True)


async def test_talks_go_with_their_pupil_when_pupils_are_joined_or_erased(bench: Bench) -> None:
    talk_id = await talk_of(bench, DECAAN, ("plan", DECAAN, PLAN | {"note": "x"}))
    survivor, absorbed = bench.ref(1), bench.ref(0)
    (await bench.post(f"/pupils/{survivor}/links", DECAAN, {"absorbed": absorbed})).raise_for_status()
    assert (await bench.get(f"/talks/{talk_id}", INTAKER)).json()["pupil_ref"] == survivor
    assert (await bench.post(f"/talks/{talk_id}/plan", INTAKER, PLAN)).status_code == 202
    assert await violations(bench) == []
    (await bench.post(f"/pupils/{absorbed}/erasure", DECAAN)).raise_for_status()
    assert await bench.rows("SELECT 1 FROM talk UNION ALL SELECT 1 FROM talk_note") == []
