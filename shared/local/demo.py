"""The demo: a made-up region lives half a school year through the real doors, files and API, on virtual time."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

import httpx

from shared.core import reference
from shared.core.actor import Role
from shared.core.clock import civil_date, local_instant
from shared.core.keys import Keys, load_keys
from shared.core.settings import Settings
from shared.core.tabular import kinds
from shared.local import identities, people
from shared.local.sample import FOLDER, Delivery, deliveries
from shared.local.sample.catalogue import REGION
from shared.local.virtual_time import Moved, advance
from shared.operate.doors import deliver
from shared.operate.quiet import until_quiet
from shared.storage.pool import Database

OPENING = date(2026, 11, 2)
CLOSING = date(2027, 4, 2)
COHORT = 2027
PROGRESS = "demo.json"
"""Beside the clock: how far the story is. Where it stands, the sample region lives."""
OFFICE_HOUR = 9
SHOWN = ("99AA00", "99AB00", "99MA", "99MB", "0344", "19")
"""Organisations whose people one may sign in as."""
PUPILS_SHOWN = 2

Told = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Demo:
    """What the story needs."""

    settings: Settings
    database: Database
    keys: Keys
    client: httpx.AsyncClient
    told: Told
    moved: Moved


async def play(demo: Demo) -> None:
    """Play the story to its end. Played again it goes on where it was: steps done are remembered, files repeat."""
    path = demo.settings.data_dir / PROGRESS
    done = json.loads(path.read_text())["steps"] if path.exists() else 0
    steps = _steps(demo)
    for number, (day, step) in enumerate(steps):
        if number < done:
            continue
        await advance(demo.settings, demo.database, local_instant(day, OFFICE_HOUR), demo.moved)
        await step()
        await until_quiet(demo.settings, demo.database)
        path.write_text(json.dumps({"steps": number + 1, "of": len(steps)}))
    await advance(demo.settings, demo.database, local_instant(CLOSING, OFFICE_HOUR), demo.moved)


def begin_at() -> datetime:
    """Business time at which the story begins."""
    return local_instant(OPENING, OFFICE_HOUR)


def _steps(demo: Demo) -> list[tuple[date, Callable[[], Awaitable[None]]]]:
    steps: list[tuple[date, Callable[[], Awaitable[None]]]] = []
    answers: set[date] = set()
    for day in sorted({d.day for d in deliveries()}):
        today = [d for d in deliveries() if d.day == day]
        # In the order in which one file builds on another: an intake needs its application, a handover too.
        for kind in dict.fromkeys(d.kind for d in today):
            steps.append((day, _hand_in(demo, [d for d in today if d.kind == kind])))
        if any(d.kind == "overdrachten" for d in today):
            answers.add(day + people.ANSWER_AFTER)
    for day in sorted(answers):
        steps += [(day, _live(demo, deed, day)) for deed in (people.answer_dossiers, people.plan_talks)]
    steps.append((people.OWN_DAY, _live(demo, people.write_own_parts, people.OWN_DAY)))
    for day in people.BUSY_DAYS:
        steps += [(day, _live(demo, deed, day)) for deed in (people.talk, people.acknowledge, people.hold_talks)]
    return sorted(steps, key=lambda step: step[0])


def _hand_in(demo: Demo, files: list[Delivery]) -> Callable[[], Awaitable[None]]:
    async def step() -> None:
        for file in files:
            receipt = await deliver(demo.client, demo.keys, file.data)
            demo.told(f"{file.kind} {file.organisation}".strip(), receipt)

    return step


def _live(demo: Demo, deed: people.Deed, day: date) -> Callable[[], Awaitable[None]]:
    async def step() -> None:
        for organisation, receipt in (await deed(demo.client, demo.keys, day)).items():
            demo.told(f"{deed.__name__.replace('_', ' ')} {organisation}", receipt)

    return step


def write_identities(settings: Settings) -> None:
    """The made-up people one may sign in as: one of each role at the organisations shown."""
    names = {row["code"]: row["naam"] for row in kinds.ORGANISATIONS.read(_sample("organisaties")).rows}
    rows = [row.values for row in kinds.CONTACTS.read(_sample("contactpersonen")).rows]
    first, *others = [identities.staff(rows, names, [code]) for code in SHOWN]
    everybody = [*first, *_pupils(settings, names[SHOWN[0]]), *chain(*others), identities.lob_contact(REGION)]
    identities.write(settings, everybody)


def _pupils(settings: Settings, school: str) -> list[dict[str, str]]:
    """The first two of the first school's list: what a pupil sees can be tried without a letter."""
    rows = kinds.pupils(reference.load(), OPENING).read(_sample(f"leerlingen-{SHOWN[0]}")).rows[:PUPILS_SHOWN]
    keys = load_keys(settings)
    return [
        {
            "organisation": SHOWN[0],
            "organisation_name": school,
            "role": Role.PUPIL.value,
            "person_ref": keys.pupil_ref(row["pgn"]),
            "name": " ".join(part for part in (row["roepnaam"], row["tussenvoegsel"], row["achternaam"]) if part),
        }
        for row in rows
    ]


def _sample(kind: str) -> bytes:
    return (FOLDER / f"{kind}.csv").read_bytes()


def today(settings: Settings) -> date:
    """Business date of the demo."""
    return civil_date(settings.clock.now())
