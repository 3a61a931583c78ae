"""What the people of the made-up region do between the files: open dossiers, talk to pupils, confirm signals."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import httpx

from shared.core.actor import Actor, Role
from shared.core.ids import opaque_ref
from shared.core.keys import Keys
from shared.local.sample.catalogue import INSTITUTIONS, SITES

Deed = Callable[[httpx.AsyncClient, Keys], Awaitable[dict[str, dict[str, Any]]]]

ANSWER_AFTER = timedelta(days=3)
BUSY_DAYS = (date(2027, 2, 3), date(2027, 3, 3), date(2027, 3, 17))
"""Days on which schools do what the signals ask of them."""
OPENED, ACCEPTED, TALKED, CONFIRMED = 85, 70, 80, 60
"""Of 100: dossiers opened and taken on within three days, pupils talked to, signals confirmed."""


async def answer_dossiers(client: httpx.AsyncClient, keys: Keys) -> dict[str, dict[str, Any]]:
    """The institutions open most of the dossiers offered to them, and take most of those on."""
    told = {}
    for institution in INSTITUTIONS:
        headers = _as(keys, institution, Role.INTAKE_COORDINATOR)
        found = await _handovers(client, headers)
        offered = [h["handover_id"] for h in found if h["status"] == "offered"]
        for handover in offered:
            for step, share in (("opening", OPENED), ("acceptance", ACCEPTED)):
                if _luck(handover) < share:
                    await _post(client, f"/dossier/api/v1/handovers/{handover}/{step}", headers)
        told[institution] = {
            "received": len(offered),
            "opened": _below(offered, OPENED),
            "accepted": _below(offered, ACCEPTED),
        }
    return told


async def talk(client: httpx.AsyncClient, keys: Keys) -> dict[str, dict[str, Any]]:
    """Mentors and careers advisers talk to most of the pupils they are asked to talk to."""
    told = {}
    for site in SITES:
        headers = _as(keys, site.code, Role.DECAAN)
        asked = [a["action_id"] for a in await _actions(client, headers) if a["kind"] == "talk-to-pupil"]
        for action in asked:
            if _luck(action) < TALKED:
                await _post(client, f"/coordination/api/v1/actions/{action}/completion", headers, {"reason": "spoken"})
        told[site.code] = {"asked": len(asked), "spoken": _below(asked, TALKED)}
    return told


async def acknowledge(client: httpx.AsyncClient, keys: Keys) -> dict[str, dict[str, Any]]:
    """People confirm most of the signals they got."""
    told = {}
    for organisation in (*(site.code for site in SITES), *INSTITUTIONS):
        role = Role.INTAKE_COORDINATOR if organisation in INSTITUTIONS else Role.DECAAN
        headers = _as(keys, organisation, role)
        found = await _get(client, "/notifications/api/v1/alerts?limit=500&status=raised&status=delivered", headers)
        waiting = [alert["alert_id"] for alert in found["items"]]
        for alert in waiting:
            if _luck(alert) < CONFIRMED:
                await _post(client, f"/notifications/api/v1/alerts/{alert}/acknowledgement", headers)
        told[organisation] = {"waiting": len(waiting), "confirmed": _below(waiting, CONFIRMED)}
    return told


async def _handovers(client: httpx.AsyncClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        answer = await _get(client, f"/dossier/api/v1/handovers?limit=500&after={after}", headers)
        found, after = found + answer["items"], answer["next"]
    return found


async def _actions(client: httpx.AsyncClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page: int | None = 1
    while page:
        answer = await _get(client, f"/coordination/api/v1/actions?page={page}", headers)
        found, page = found + answer["items"], answer["next"]
    return found


def _as(keys: Keys, organisation: str, role: Role) -> dict[str, str]:
    actor = Actor(organisation, role, opaque_ref("person", f"demo@{organisation}"))
    return {"authorization": f"Bearer {keys.api_token(actor)}"}


async def _get(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get(path, headers=headers)).raise_for_status().json()
    return answer


async def _post(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], body: dict[str, str] | None = None
) -> None:
    (await client.post(path, headers=headers, json=body)).raise_for_status()


def _luck(name: str) -> int:
    """0 to 99, the same for the same thing every time."""
    return int(sha256(name.encode()).hexdigest(), 16) % 100


def _below(names: Iterable[str], share: int) -> int:
    return sum(_luck(name) < share for name in names)
