"""What it costs to look at an organisation, whatever PostgreSQL believes of the pupils."""

from services.coordination.store.partners import SQL

ALL_OF_ONE_PLACE = """
    INSERT INTO transition (pupil_ref, cohort, opened_at, agreement, weighed_at, origin, region, residence, position,
        custody_n, next_action, actions, checks)
    SELECT 'pupil-' || n, 2027, '2026-10-01Z', 'default', '2026-10-01Z', '99AA00', '19', '0344', 'none',
        1, 'action-' || n, 1, '{}'
    FROM generate_series(1, 5000) AS n"""


async def test_who_has_nothing_to_do_with_pupils_is_found_without_reading_them_all(worker, admin):
    """The first pupils of a country are all of one place; then others come, and nobody has looked again."""
    transaction = admin.transaction()
    await transaction.start()
    try:
        await admin.execute("SET LOCAL search_path = coordination; SET LOCAL session_replication_role = replica")
        await admin.execute(ALL_OF_ONE_PLACE)
        await admin.execute("ANALYZE transition")
        plan = [row[0] for row in await admin.fetch(f"EXPLAIN (ANALYZE, FORMAT TEXT) {SQL['parts']}", ["0999"])]
        assert not [line for line in plan if "Seq Scan" in line or "Removed by Filter: 5000" in line], "\n".join(plan)
    finally:
        await transaction.rollback()
