"""The laws of the chain on the whole road: files in, rows staged and taken in, events out, on a real PostgreSQL."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.domain import application as applying
from shared.core.actor import Role
from shared.core.ids import new_id
from tests import support
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import Bench
from tests.integration.intake.chain.handing_in import row, take
from tests.unit.intake.facts import Told, told, ways

bench = intake_bench.bench
OPERATOR = support.actor("overstap", Role.OPERATOR, "operator")
some = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def line(one: Told, mark: str) -> str:
    """The row of an export that says this; `mark` keeps one example apart from another."""
    fact = one.fact
    return row(
        id=fact.row_id,
        version=str(fact.version),
        createdat=fact.arrived.isoformat(),
        ketenid=f"{mark}-{one.application}",
        bsnhash=f"{mark}{one.pupil}",
        startmoment=str(fact.start),
        status=fact.status.upper(),
        begindatum=fact.at.isoformat(),
        statussource=fact.source_system.upper(),
        instellingserkenningscode=one.institution,
        opleidingcode=fact.programme,
        leertrajectmbo=fact.pathway.upper(),
    )


Shown = dict[int, tuple[object, ...]]


async def stored(bench: Bench, mark: str) -> Shown:
    """The applications as they are, by number."""
    found = await bench.rows(
        "SELECT own_id, status, status_at, programme, pathway, cohort, start, channel FROM application "
        f"WHERE own_id LIKE '{mark}-%'"
    )
    return {int(one.pop("own_id").rpartition("-")[2]): tuple(one.values()) for one in found}


async def last_told(bench: Bench, mark: str) -> Shown:
    """The last event of each application: its status, and whose it is."""
    rows = await bench.rows(
        "SELECT DISTINCT ON (a.own_id) a.own_id, e.payload::jsonb ->> 'status' AS status, "
        "e.payload::jsonb ->> 'cohort' AS cohort, e.subject FROM application a JOIN event_log e "
        "ON e.payload LIKE '%' || a.application_id || '%' "
        f"WHERE a.own_id LIKE '{mark}-%' ORDER BY a.own_id, e.sequence DESC"
    )
    return {int(one.pop("own_id").rpartition("-")[2]): tuple(one.values()) for one in rows}


def expected(items: Sequence[Told], refs: dict[int, str]) -> tuple[Shown, Shown]:
    """What the applications must be, and what must have been told last, by the rules alone."""
    grouped: dict[int, list[Told]] = {}
    for one in items:
        grouped.setdefault(one.application, []).append(one)
    states: Shown = {}
    events: Shown = {}
    for application, of_one in grouped.items():
        facts = [one.fact for one in of_one]
        now, year = applying.present(facts), applying.cohort(facts)
        start = applying.start_of(facts)
        states[application] = (now.status, now.at, now.programme, now.pathway, year, start, now.source_system)
        events[application] = (now.status, str(year), refs[of_one[0].pupil])
    return states, events


@some
@given(told(8).flatmap(lambda items: st.tuples(st.just(items), ways(items))))
async def test_any_order_repetition_and_split_over_files_gives_the_same_applications_and_last_events(
    bench: Bench, drawn: tuple[list[Told], list[list[Told]]]
) -> None:
    items, files = drawn
    mark = new_id().hex
    refs = {one.pupil: bench.web.keys.chain_ref(f"{mark}{one.pupil}") for one in items}
    for file in files:
        assert sum(await take(bench, *(line(one, mark) for one in file), actor=OPERATOR)) == len(file)
    states, events = expected(items, refs)
    found = await stored(bench, mark)
    assert found == states
    assert await last_told(bench, mark) == events
    assert Counter(state[0] for state in found.values()) == Counter(state[0] for state in states.values())
    before = await bench.rows("SELECT count(*) AS n FROM event_log")
    assert await take(bench, *(line(one, mark) for one in items), actor=OPERATOR) == (0, len(items), 0, 0)
    assert await bench.rows("SELECT count(*) AS n FROM event_log") == before
