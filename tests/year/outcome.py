"""What was decided in a simulated year, as it is stored: the same in two years that were lived with the same keys.

Left out is what says how something went its way, and not what was decided: keys, sequences and mails. `counted` is what
the figures of signals are made of; a year publishes none by itself.
"""

from pathlib import Path

import asyncpg

from shared.local.postgres import Postgres

COMES_OUT = {
    "transitions": """SELECT pupil_ref, cohort, position, outcome, origin, region, residence, agreement, opened_at,
        closed_at FROM coordination.transition""",
    "custodians": """SELECT DISTINCT ON (pupil_ref, cohort) pupil_ref, cohort, organisation, role, contact, deputy,
        basis, situation, since FROM coordination.custody ORDER BY pupil_ref, cohort, n DESC""",
    "offers": """SELECT pupil_ref, cohort, organisation, role, contact, situation, basis, offered_at, answer_by,
        starts_on, state, ended_at, reason FROM coordination.offer""",
    "signals": """SELECT pupil_ref, cohort, rule, about, severity, fired_at, cleared_at, route, dismissed
        FROM coordination.risk""",
    "actions": """SELECT pupil_ref, cohort, kind, about, organisation, role, contact, opened_at, due_at, severity, step
        FROM coordination.action WHERE open""",
    "tasks": """SELECT organisation, kind, about, owner_organisation, owner_role, owner_contact, opened_at, due_at,
        severity, step, done_at FROM coordination.task""",
    "silences": "SELECT organisation, silent_since, silent_allowed FROM coordination.partner",
    "counted": """SELECT subject, kind, cohort, detail, first_on, reached_on, ended_on, place, shadow
        FROM signals.fact WHERE kind <> 'alert'""",
}
"""Name to the query whose rows must be the same, in any order."""


async def comes_out(data_dir: Path) -> dict[str, list[str]]:
    """Everything that was decided in the year that was lived in this folder."""
    server = Postgres(data_dir)
    server.start()
    conn = await asyncpg.connect(server.url())
    try:
        return {name: sorted(str(tuple(row)) for row in await conn.fetch(query)) for name, query in COMES_OUT.items()}
    finally:
        await conn.close()
        server.stop()
