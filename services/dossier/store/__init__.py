"""All SQL of the dossier. Reads carry the organisation they are for, beside what row-level security does."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from services.dossier.domain.handover import Handover
from services.dossier.domain.progress import Application
from services.dossier.domain.pupils import Choice, Pupil
from services.dossier.domain.told import Organisation, Told
from shared.schemas.dossiers import HandoverStatus
from shared.schemas.intakes import ApplicationStatus
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "queries.sql")
TOPICS: tuple[str, ...] = ("transfer", "career", "history", "talks", "year_end", "concerns")
"""What else is kept of pupils: each has `link_<topic>(kept, gone)` and `erase_<topic>(refs)` in its migration."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of a list: what comes after this key, at most so many."""

    after: str
    limit: int


@dataclass(frozen=True, slots=True)
class Access:
    """One reading of one dossier."""

    handover_id: str
    at: datetime
    organisation: str
    role: str
    person_ref: str | None
    categories: tuple[str, ...]
    purpose: str
    opening: bool = False
    """The reading that opened the dossier."""


def _columns(rows: Iterable[Any]) -> list[list[Any]]:
    """Rows as the columns that `unnest` takes."""
    return [list(column) for column in zip(*rows, strict=True)]


# Pupils


async def roots(conn: Connection, refs: Collection[str]) -> dict[str, str]:
    """Of absorbed references among these: the one that stands for them."""
    return {row["absorbed"]: row["survivor"] for row in await conn.fetch(SQL["roots"], list(refs))}


async def erased_among(conn: Connection, refs: Collection[str]) -> set[str]:
    """The erased ones among these references."""
    return {row["pupil_ref"] for row in await conn.fetch(SQL["erased_among"], list(refs))}


async def site_list(conn: Connection, vo_site: str, cohort: int) -> list[Pupil]:
    """Everybody a site ever listed for a cohort, locked."""
    return [_pupil(row) for row in await conn.fetch(SQL["site_list"], vo_site, cohort)]


async def save_pupils(conn: Connection, pupils: Sequence[Pupil]) -> None:
    """Write these rows."""
    if pupils:
        await conn.execute(SQL["save_pupils"], *_columns(astuple(pupil) for pupil in pupils))


async def mark_absent(conn: Connection, pupils: Sequence[Pupil]) -> None:
    """These pupils of one site and cohort are missing from its newest list."""
    if pupils:
        refs = [pupil.pupil_ref for pupil in pupils]
        await conn.execute(SQL["mark_absent"], pupils[0].vo_site, pupils[0].cohort, refs)


async def refs_by_number(
    conn: Connection, vo_site: str, numbers: Collection[tuple[int, str]]
) -> dict[tuple[int, str], str]:
    """Whom a school means by its own numbers, each of a cohort."""
    cohorts, own = [cohort for cohort, _ in numbers], [number for _, number in numbers]
    rows = await conn.fetch(SQL["refs_by_number"], vo_site, cohorts, own)
    return {(row["cohort"], row["number"]): row["pupil_ref"] for row in rows}


async def cohorts(conn: Connection, vo_site: str) -> list[int]:
    """The cohorts a site has lists of, newest first."""
    return [row["cohort"] for row in await conn.fetch(SQL["cohorts"], vo_site)]


async def pupils(conn: Connection, vo_site: str, cohort: int | None = None, ref: str | None = None) -> list[Pupil]:
    """A site's pupils by name; the newest cohort of a pupil first."""
    return [_pupil(row) for row in await conn.fetch(SQL["pupils"], vo_site, cohort, ref)]


async def page_of_pupils(conn: Connection, vo_site: str, cohort: int | None, place: Place) -> list[Pupil]:
    """A site's pupils in the order of ``<pupil_ref>-<cohort>``."""
    return [_pupil(row) for row in await conn.fetch(SQL["page_of_pupils"], vo_site, cohort, place.after, place.limit)]


def _pupil(row: Any) -> Pupil:
    return Pupil(**dict(row))


# Choices and applications


async def choices(conn: Connection, vo_site: str, refs: Collection[str]) -> dict[str, list[Choice]]:
    """The choices a site registered for these pupils, withdrawn ones included, by preference."""
    found: dict[str, list[Choice]] = defaultdict(list)
    for row in await conn.fetch(SQL["choices"], vo_site, list(refs)):
        found[row["pupil_ref"]].append(Choice(**dict(row)))
    return found


async def save_choices(conn: Connection, changed: Sequence[Choice]) -> None:
    """Write these choices."""
    if changed:
        await conn.execute(SQL["save_choices"], *_columns(astuple(choice) for choice in changed))


async def applications(
    conn: Connection, refs: Collection[str], cohort: int | None = None
) -> dict[str, list[Application]]:
    """The applications of these pupils as the institutions last told them; to a school, while it heard of the pupil."""
    found: dict[str, list[Application]] = defaultdict(list)
    for row in await conn.fetch(SQL["applications"], list(refs), cohort):
        status = ApplicationStatus(row["status"])
        values = {name: row[name] for name in ("application_id", "cohort", "mbo_institution", "programme", "status_at")}
        held = Application(**values, status=status, outcome=row["outcome"], held_on=row["held_on"])
        found[row["pupil_ref"]].append(held)
    return found


# Handovers


async def handovers(conn: Connection, vo_site: str, refs: Collection[str]) -> dict[str, list[Handover]]:
    """The handovers of these pupils by a site."""
    found: dict[str, list[Handover]] = defaultdict(list)
    for row in await conn.fetch(SQL["handovers"], vo_site, list(refs)):
        found[row["pupil_ref"]].append(_handover(row))
    return found


async def handover(conn: Connection, handover_id: str, organisation: str, *, lock: bool = False) -> Handover | None:
    """One handover, when this organisation is one of its two sides; locked: until the transaction ends."""
    row = await conn.fetchrow(SQL["lock_handover" if lock else "handover"], handover_id, organisation)
    return _handover(row) if row else None


async def addressed(conn: Connection, institution: str) -> list[Handover]:
    """Everything ever offered to an institution, newest first."""
    return [_handover(row) for row in await conn.fetch(SQL["addressed"], institution)]


async def page_of_handovers(conn: Connection, organisation: str, place: Place) -> list[Handover]:
    """What was ever offered by or to an organisation, in the order of its keys."""
    rows = await conn.fetch(SQL["page_of_handovers"], organisation, place.after, place.limit)
    return [_handover(row) for row in rows]


async def offered_pupils(
    conn: Connection, institution: str, handover_id: str | None = None
) -> dict[tuple[str, int, str], Pupil]:
    """By reference, cohort and site: the pupils whose dossier is offered to an institution."""
    rows = await conn.fetch(SQL["offered_pupils"], institution, handover_id)
    return {(row["pupil_ref"], row["cohort"], row["vo_site"]): _pupil(row) for row in rows}


async def offered_choices(conn: Connection, institution: str, handover_id: str) -> list[Choice]:
    """The choices in a dossier that the institution has opened."""
    rows = await conn.fetch(SQL["offered_choices"], institution, handover_id)
    return [Choice(**dict(row)) for row in rows]


async def handovers_so_far(conn: Connection, asked: Sequence[tuple[str, int, str]]) -> dict[tuple[str, int, str], int]:
    """How often the dossier of a pupil in a cohort was offered to an institution, by whichever site."""
    if not asked:
        return {}
    rows = await conn.fetch(SQL["handovers_so_far"], *_columns(asked))
    return {(row["pupil_ref"], row["cohort"], row["mbo_institution"]): row["n"] for row in rows}


async def add_handovers(conn: Connection, offered: Sequence[Handover]) -> None:
    """Write new handovers."""
    if offered:
        await conn.execute(SQL["add_handovers"], *_columns(_new(handover) for handover in offered))


def _new(h: Handover) -> tuple[Any, ...]:
    # unnest takes no arrays of arrays of different lengths.
    parts = (",".join(codes) for codes in (h.categories, h.withheld, h.not_present))
    whose = (h.handover_id, h.pupil_ref, h.cohort, h.vo_site, h.mbo_institution, h.kind, h.status)
    return (*whose, *parts, h.informed_on, h.offered_at)


async def lock_handovers(conn: Connection, vo_site: str, cohort: int, ref: str) -> list[Handover]:
    """The live handovers of one pupil by a site, locked until the transaction ends."""
    return [_handover(row) for row in await conn.fetch(SQL["lock_handovers"], vo_site, cohort, ref)]


async def move_handover(conn: Connection, h: Handover) -> None:
    """Write the step that a handover took."""
    values = (h.opened_at, h.accepted_at, h.ended_at, h.reason, h.reason_text)
    goes = (h.categories, h.withheld, h.not_present, h.informed_on)
    await conn.execute(SQL["move_handover"], h.handover_id, h.status, *values, *goes)


async def receive_handovers(conn: Connection, institution: str, keys: Collection[str], now: datetime) -> set[str]:
    """Write down that the institution has these in its list now; gives the keys of those it had not before."""
    rows = await conn.fetch(SQL["receive_handovers"], institution, list(keys), now)
    return {row["handover_id"] for row in rows}


async def add_access(conn: Connection, access: Access) -> None:
    """Write down who read what."""
    await conn.execute(SQL["add_access"], *(getattr(access, field.name) for field in fields(access)))


async def accesses(conn: Connection, organisation: str, handover_ids: Collection[str]) -> list[Access]:
    """Who read these dossiers: for the school all readings, for an institution its own."""
    rows = await conn.fetch(SQL["accesses"], list(handover_ids), organisation)
    return [Access(**{**dict(row), "categories": tuple(row["categories"])}) for row in rows]


def _handover(row: Any) -> Handover:
    values = dict(row) | {"status": HandoverStatus(row["status"])}
    return Handover(**values | {name: tuple(row[name]) for name in ("categories", "withheld", "not_present")})


# What others told


async def told(conn: Connection, ref: str, cohort: int) -> list[Told]:
    """What was told about one transition, oldest first; to a school, while it heard of the pupil."""
    return [Told(**dict(row)) for row in await conn.fetch(SQL["told"], ref, cohort)]


async def sequences(conn: Connection, subjects: Collection[str]) -> dict[tuple[str, str, str], int]:
    """The highest sequence kept of every entity told under these subjects, organisations among them."""
    rows = await conn.fetch(SQL["told_sequences"], list(subjects))
    kept = {(row["entity"], row["subject"], row["key"]): row["sequence"] for row in rows}
    for row in await conn.fetch(SQL["organisation_sequences"], list(subjects)):
        kept["organisation", row["code"], ""] = row["sequence"]
    return kept


async def save_told(conn: Connection, fresh: Sequence[Told]) -> None:
    """Write these entities."""
    if fresh:
        await conn.execute(SQL["save_told"], *_columns(astuple(one) for one in fresh))


async def save_organisations(conn: Connection, fresh: Sequence[Organisation]) -> None:
    """Write these organisations."""
    if fresh:
        rows = [(o.code, o.kind, o.name, json.dumps(o.contacts), o.sequence, o.region) for o in fresh]
        await conn.execute(SQL["save_organisations"], *_columns(rows))


async def organisations(conn: Connection, codes: Collection[str], kind: str = "") -> dict[str, Organisation]:
    """These organisations, and all of a kind; by code, in order of name."""
    rows = await conn.fetch(SQL["organisations"], list(codes), kind)
    return {row["code"]: Organisation(**{**dict(row), "contacts": json.loads(row["contacts"])}) for row in rows}


# Identity


async def hold_links(conn: Connection) -> None:
    """Nobody else joins pupils while this transaction lasts."""
    await conn.execute(SQL["hold_links"])


async def link_pupils(conn: Connection, survivor: str, absorbed: str) -> None:
    """Move every row of the absorbed reference to the survivor, and remember that they are one."""
    await conn.execute(SQL["link_pupils"], survivor, absorbed)
    for topic in TOPICS:
        await conn.execute(f"SELECT link_{topic}($1, $2)", survivor, absorbed)


async def erase_pupil(conn: Connection, ref: str, now: datetime, vo_site: str | None = None) -> list[str]:
    """Delete a pupil; gives every reference that was the same child. `vo_site`: the school that asked."""
    refs = [row["pupil_ref"] for row in await conn.fetch(SQL["erase_pupil"], ref, now, vo_site)]
    for topic in TOPICS:
        await conn.execute(f"SELECT erase_{topic}($1)", refs)
    return refs


async def erasure(conn: Connection, vo_site: str, ref: str) -> tuple[datetime, dict[str, datetime]] | None:
    """When a pupil of this site was erased, and which services have confirmed it."""
    rows = await conn.fetch(SQL["erasure"], ref, vo_site)
    if not rows:
        return None
    return rows[0]["erased_at"], {row["service"]: row["confirmed_at"] for row in rows if row["service"]}


async def save_confirmations(conn: Connection, confirmed: Mapping[tuple[str, str], datetime]) -> None:
    """Write which services erased which pupils."""
    if confirmed:
        await conn.execute(SQL["save_confirmations"], *_columns((*key, at) for key, at in confirmed.items()))


# Files between preview and confirmation
