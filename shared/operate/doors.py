"""Files through the real doors: which service takes which kind of file, told by its header; and posting it there."""

import asyncio
import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from re import fullmatch
from types import MappingProxyType
from typing import Any

import httpx

from shared.core.actor import Actor, Role
from shared.core.errors import OverstapError, Unavailable
from shared.core.keys import Keys, load_keys
from shared.core.settings import Settings
from shared.core.tabular import kinds

TRIES = 20
TRY_SECONDS = 0.5
HEAD_BYTES = 4096
"""How much of a file is looked at to tell whether it is text."""
FOLLOW_SECONDS = 60
"""How long a file may wait without any progress."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a kind of file goes in."""

    kind: str
    path: str
    key_columns: frozenset[str]
    """Columns that only this kind has."""
    by_operator: bool = False
    """Sent by the operator; otherwise by the organisation in the file's first column."""
    followed: bool = False
    """It is taken in afterwards: the answer says where to ask what became of it."""


DOORS = (
    Door("pupil-list", "/dossier/api/v1/pupil-lists", frozenset({"leerlingnummer", "achternaam"})),
    Door("choices", "/dossier/api/v1/choice-lists", frozenset(kinds.CHOICES.header)),
    Door("handovers", "/dossier/api/v1/handover-lists", frozenset(kinds.HANDOVERS.header)),
    Door("dossiers", "/dossier/api/v1/dossier-lists", frozenset({"onderdeel", "aanwezig"})),
    Door("information", "/dossier/api/v1/information-lists", frozenset({"geinformeerd_op", "wie"})),
    Door("talks", "/dossier/api/v1/talk-lists", frozenset({"gespreksstand", "gespreksmoment"})),
    Door("exam-results", "/dossier/api/v1/exam-result-lists", frozenset({"uitslag", "tijdvak"})),
    Door("routes", "/dossier/api/v1/route-lists", frozenset({"route", "routestand"})),
    Door("invitations", "/intake/api/v1/invitation-lists", frozenset({"stap", "vorm"})),
    Door("starters", "/intake/api/v1/starter-lists", frozenset({"gestart", "eerste_dag"})),
    Door("switches", "/intake/api/v1/switch-lists", frozenset({"wissel_id", "wisselstatus"})),
    Door("leavers", "/intake/api/v1/leaver-lists", frozenset({"einddatum", "bestemming"})),
    Door("absences", "/intake/api/v1/absence-lists", frozenset({"meldingsnummer", "meldingstatus"})),
    Door("applications", "/intake/api/v1/application-lists", frozenset({"aanmelding_id", "status"})),
    Door("application-export", "/intake/api/v1/application-exports", frozenset({"ketenid", "bsnhash"}), True, True),
    Door("intakes", "/intake/api/v1/intake-lists", frozenset(kinds.INTAKES.header)),
    Door("organisations", "/coordination/api/v1/organisation-lists", frozenset(kinds.ORGANISATIONS.header), True),
    Door("contacts", "/coordination/api/v1/contact-lists", frozenset(kinds.CONTACTS.header), True),
    Door("staff-absences", "/coordination/api/v1/staff-absence-lists", frozenset({"afwezig_vanaf", "terug_op"}), True),
)


class Unusable(OverstapError):
    """A file that is not taken in at all; the files beside it are."""

    problem: Mapping[str, Any] = MappingProxyType({})
    """What the service told of it, when one saw it."""


class UnknownFile(Unusable):
    """The header fits no kind of file; says which columns the nearest kind has besides."""

    def __init__(self, columns: Collection[str]):
        nearest = min(DOORS, key=lambda door: _distance(door, columns))
        lacking = ", ".join(sorted(nearest.key_columns.difference(columns)))
        known = nearest.key_columns.intersection(columns)
        hint = f"; nearest is {nearest.kind}, which also has {lacking}" if known else ""
        super().__init__(f"the header fits no kind of file in docs/csv.md{hint}")


def _distance(door: Door, columns: Collection[str]) -> tuple[int, int]:
    return len(door.key_columns.difference(columns)), -len(door.key_columns.intersection(columns))


class Refused(Unusable):
    """The door refused what came as a whole; carries the problem as the service told it."""

    def __init__(self, status: int, problem: Mapping[str, Any]):
        self.status, self.problem = status, problem
        errors = "; ".join(f"{e.get('where')}: {e.get('expected')}" for e in problem.get("errors", []))
        super().__init__(f"{status} {problem.get('title', '')}: {errors or problem.get('detail', '')}")


def door_of(data: bytes) -> Door:
    """The door for a file, by its header. Raises `Unusable` when it is no text, or fits no door."""
    if b"\0" in data[:HEAD_BYTES]:
        raise Unusable("a file in UTF-8 is expected (docs/csv.md); this is UTF-16, or no text at all")
    head = data.decode("utf-8-sig", errors="replace").split("\n", 1)[0].strip()
    if not head:
        raise Unusable("the first line is empty: the names of the columns are expected there (docs/csv.md)")
    columns = {column.strip().lower() for column in head.replace(",", ";").split(";")}
    for door in DOORS:
        if door.key_columns <= columns:
            return door
    raise UnknownFile(columns)


def sender_of(data: bytes, door: Door) -> Actor:
    """Who sends this file: the organisation in the first column of its first row, or the operator.

    Raises `Unusable` when no code of an organisation stands there.
    """
    if door.by_operator:
        return Actor("overstap", Role.OPERATOR, "operator")
    lines = data.decode("utf-8-sig", errors="replace").splitlines()
    rows = csv.reader(lines[1:2], delimiter=";" if ";" in lines[0] else ",")
    organisation = next(filter(None, rows), [""])[0].strip()
    if not fullmatch("[0-9A-Za-z]{2,6}", organisation):
        raise Unusable("the code of the organisation that sends this is expected in the first column of the first row")
    return Actor(organisation, Role.SCHOOL_SYSTEM, f"system-{organisation.lower()}")


async def as_operator(settings: Settings, method: str, path: str, **more: Any) -> dict[str, Any]:
    """What an API answers the operator. Raises `Refused`, or `Unavailable` when the pages do not answer."""
    token = load_keys(settings).api_token(Actor("overstap", Role.OPERATOR, "operator"))
    headers = {"authorization": f"Bearer {token}", **more.pop("headers", {})}
    async with httpx.AsyncClient(base_url=settings.public_url, timeout=60, headers=headers) as client:
        try:
            answer = await client.request(method, path, **more)
        except httpx.TransportError as error:
            raise Unavailable(f"the pages do not answer at {client.base_url}") from error
    body: dict[str, Any] = answer.json()
    if answer.is_error:
        raise Refused(answer.status_code, body)
    return body


async def deliver(client: httpx.AsyncClient, keys: Keys, data: bytes, *, confirm: bool = False) -> dict[str, Any]:
    """Post a file at its door; the same file may be posted again, so a lost answer is simply tried again."""
    door = door_of(data)
    headers = {
        "authorization": f"Bearer {keys.api_token(sender_of(data, door))}",
        "content-type": "text/csv; charset=utf-8",
    }
    for _ in range(TRIES):
        try:
            answer = await client.post(
                door.path, content=data, headers=headers, params={"confirm": "true"} if confirm else None
            )
        except httpx.TransportError:
            await asyncio.sleep(TRY_SECONDS)
            continue
        if answer.status_code == 503:
            await asyncio.sleep(TRY_SECONDS)
            continue
        body = answer.json()
        if answer.is_error:
            raise Refused(answer.status_code, body)
        if door.followed:
            body = await followed(client, headers, answer.headers["location"])
        return {"kind": door.kind, **body}
    raise Unavailable(f"the pages do not answer at {client.base_url}")


async def followed(client: httpx.AsyncClient, headers: Mapping[str, str], path: str) -> dict[str, Any]:
    """What became of a file that is taken in after it was handed in; waits for that."""
    still, left = 0, -1
    while still < FOLLOW_SECONDS / TRY_SECONDS:
        try:
            answer = await client.get(path, headers={"authorization": headers["authorization"]})
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code == 200:
            body: dict[str, Any] = answer.json()
            if body["state"] == "done":
                return body
            still, left = (still + 1, left) if body["left"] == left else (0, body["left"])
        else:
            still += 1
        await asyncio.sleep(TRY_SECONDS)
    raise Unavailable("the file was handed in and is not taken in: does the worker of intake run?")
