"""The status export of the national chain: every row has its fate, and a pupil nobody linked is a shadow."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.intake import taking
from services.intake.handlers.chain.exports import ConfirmExport, confirm_export, take_rows
from services.intake.taking import UNCONFIRMED, forget_old, take_one
from shared.core.actor import Role
from shared.core.clock import FixedClock
from shared.core.errors import IllegalMove, Invalid
from shared.local.sample.chain import Wanted
from shared.local.sample.chain import pieces as sample
from shared.messaging.outbox import perform
from shared.schemas.envelope import Outcome
from shared.storage import queries
from tests import support
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import COORDINATOR, OTHER, PGNS, Bench, status
from tests.integration.intake.chain.handing_in import file, found, hand_in, row, take, told

bench = intake_bench.bench
OPERATOR = support.actor("overstap", Role.OPERATOR, "operator")
AUDIT = queries.load(Path(__file__).parents[4] / "services/intake/sql/audit.sql")


async def assert_audit(bench: Bench) -> None:
    for rule, query in AUDIT.items():
        assert await bench.rows(query) == [], rule


async def test_a_hash_nobody_knows_makes_a_shadow_that_is_told_as_one(bench: Bench) -> None:
    assert await take(bench, row(), row(id="2", version="1", status="OFFERED", begindatum="2027-02-01")) == (2, 0, 0, 0)
    [(ref, now, data)] = await told(bench)
    assert (ref, now) == (bench.web.keys.chain_ref("a" * 64), "offered")
    assert (data["shadow"], data["source_system"], data["cohort"], data["start"]) == (True, "sis", 2027, "2027-08-01")
    assert [kind for kind, _, _ in await bench.events()] == ["application-status-changed"], "nobody is recorded"
    await assert_audit(bench)


async def test_vavo_and_other_education_are_applications_like_any_other(bench: Bench) -> None:
    rows = row(leertrajectmbo="VAVO", opleidingcode="1002O2412"), row(ketenid="K2", leertrajectmbo="ODT")
    assert await take(bench, *rows) == (2, 0, 0, 0)
    assert sorted((d["pathway"], d["programme"]) for _, _, d in await told(bench)) == [
        ("odt", "25655"),
        ("vavo", "1002O2412"),
    ]


async def test_the_same_file_again_is_all_unchanged_and_tells_nobody_anything(bench: Bench) -> None:
    data = b"".join(sample(Wanted(400, bad=9)))
    first = await hand_in(bench, data, OPERATOR)
    assert await take_one(bench.worker)
    before, one = await bench.events(), await found(bench, first, OPERATOR)
    assert (one.received, one.quarantined, one.applied > 250) == (400, 9, True)
    again = await hand_in(bench, data, OPERATOR)
    assert await take_one(bench.worker)
    two = await found(bench, again, OPERATOR)
    assert (two.applied, two.unchanged, two.quarantined) == (0, 391, 9)
    assert await bench.events() == before
    assert len(await bench.rows("SELECT 1 FROM quarantine")) == 9, "each bad row waits once"
    await assert_audit(bench)


async def test_a_row_that_says_the_same_under_a_new_id_is_unchanged_and_kept(bench: Bench) -> None:
    assert await take(bench, row(), row(id="2")) == (1, 1, 0, 0)
    assert len(await bench.rows("SELECT 1 FROM fact")) == 2
    assert await take(bench, row(id="2", version="2", status="WITHDRAWN")) == (1, 0, 0, 0)
    assert [now for _, now, _ in await told(bench)] == ["received", "withdrawn"]


async def test_of_two_that_differ_under_one_key_the_one_told_first_stands_in_any_order(bench: Bench) -> None:
    early, late = row(createdat="2027-01-05T08:00:00Z", status="OFFERED"), row(createdat="2027-01-05T09:00:00Z")
    assert await take(bench, late) == (1, 0, 0, 0)
    assert await take(bench, early) == (1, 0, 0, 0)
    assert await take(bench, late, early) == (0, 2, 0, 0)
    assert [now for _, now, _ in await told(bench)] == ["received", "offered"]
    await assert_audit(bench)


async def test_bad_rows_wait_as_they_were_sent_and_the_others_go_on(bench: Bench) -> None:
    rows = row(), row(id="", ketenid="K2"), row(ketenid="K3", status="WEG", bsnhash="x")
    export_id = await hand_in(bench, file(rows))
    assert await take_one(bench.worker)
    export = await found(bench, export_id)
    assert (export.received, export.applied, export.quarantined) == (3, 1, 2)
    assert [fault.where for fault in export.faults] == [
        "regel 3, kolom id",
        "regel 4, kolom bsnhash",
        "regel 4, kolom status",
    ]
    kept = await bench.rows("SELECT place, payload, organisation FROM quarantine ORDER BY place")
    assert [one["place"] for one in kept] == ["regel 3", "regel 4"]
    assert bench.web.keys.unseal(kept[0]["payload"]).encode("latin-1") == file(rows[1:2]) + b"\n"
    assert {one["organisation"] for one in kept} == {"99XA"}
    await assert_audit(bench)


async def test_an_institution_hands_in_its_own_rows_and_the_operator_those_of_all(bench: Bench) -> None:
    rows = row(), row(ketenid="K2", instellingserkenningscode="99XB")
    assert await take(bench, *rows, actor=OTHER) == (1, 0, 0, 1)
    assert await take(bench, *rows, actor=OPERATOR) == (1, 1, 0, 0)
    assert sorted(d["mbo_institution"] for _, _, d in await told(bench)) == ["99XA", "99XB"]


async def test_a_file_that_can_not_be_used_leaves_nothing_behind(bench: Bench) -> None:
    many = [row(id=str(n)) for n in range(4000)]
    with pytest.raises(Invalid):
        await hand_in(bench, file(many) + b"\n\xe9")
    assert not await take_one(bench.worker)
    assert len(await bench.rows("SELECT 1 FROM export_row")) > 0
    clock = bench.worker.settings.clock
    assert isinstance(clock, FixedClock)
    clock.instant += UNCONFIRMED
    await forget_old(bench.worker)
    assert await bench.rows("SELECT 1 FROM export_row") == await bench.rows("SELECT 1 FROM export") == []


async def test_a_file_waits_for_who_sent_it_and_is_taken_in_once(bench: Bench) -> None:
    export_id = await hand_in(bench, file([row()]), confirmed=False)
    assert not await take_one(bench.worker)
    await perform(bench.web, COORDINATOR, confirm_export, ConfirmExport(export_id))
    assert await take_one(bench.worker)
    with pytest.raises(IllegalMove):
        await perform(bench.web, COORDINATOR, confirm_export, ConfirmExport(export_id))
    assert not await take_one(bench.worker)


async def test_what_was_interrupted_goes_on_where_it_was(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "PUPILS_AT_ONCE", 10)
    export_id = await hand_in(bench, b"".join(sample(Wanted(200, bad=3))), OPERATOR)
    calls = iter(range(1000))

    async def failing(*given: Any) -> Outcome:
        outcome = await take_rows(*given)
        if next(calls) == 2:
            raise RuntimeError("the process was killed")
        return outcome

    monkeypatch.setattr(taking, "take_rows", failing)
    with pytest.raises(RuntimeError):
        await take_one(bench.worker)
    half = await found(bench, export_id, OPERATOR)
    assert 0 < half.left < 200
    assert await take_one(bench.worker)
    export = await found(bench, export_id, OPERATOR)
    assert (export.state, export.left, export.received) == ("done", 0, 200)
    assert await bench.rows("SELECT 1 FROM export_row") == []
    [tally] = await bench.rows("SELECT received, applied FROM tally WHERE entrance = 'file:application-exports'")
    assert tally == {"received": 200, "applied": export.applied}
    await assert_audit(bench)


async def test_an_application_belongs_to_the_pupil_of_whom_it_was_told_first(bench: Bench) -> None:
    assert await bench.statuses(status(PGNS[0], "RECEIVED", "2027-01-05", 1, id="K1")) == (1, 0, 0, 0)
    assert await take(bench, row(status="OFFERED")) == (0, 0, 0, 1)
    [kept] = await bench.rows("SELECT faults, reason FROM quarantine")
    assert (kept["reason"], json.loads(kept["faults"])[0]["where"]) == ("other_pupil", "regel 2, kolom ketenid")
