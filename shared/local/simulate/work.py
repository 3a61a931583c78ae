"""Days on which the people of an organisation do what is asked of them, and answer to who is offered to them."""

from collections import Counter
from collections.abc import Mapping
from hashlib import sha256

import httpx

from shared.core.actor import Role
from shared.core.keys import Keys
from shared.local import people
from shared.local.simulate.deeds import Attitude, attitude

FATES = ("received", "applied", "unchanged", "skipped", "quarantined")
DONE, CONFIRMED = 80, 60
"""Of 100: actions on a signal that are done, and messages that are confirmed."""
BY_POSITION = frozenset(
    {
        "register-application",
        "confirm-other-route",
        "hold-intake",
        "confirm-enrolment",
        "confirm-start",
        "guide-first-days",
        "answer-handover",
        "plan-intake-again",
    }
)
"""Kinds of action that only facts close: the files bring those."""
OFFERS = "/coordination/api/v1/custody-offers"
GIVEN_BACK = {"reason": "outside_task"}


async def through(client: httpx.AsyncClient, keys: Keys, organisation: str) -> Counter[str]:
    """Do most of the open actions of this organisation, and confirm most of its messages; tells how many."""
    told: Counter[str] = Counter()
    headers = people.acting(keys, organisation, Role.DECAAN if len(organisation) == 6 else Role.INTAKE_COORDINATOR)
    for action in await people.actions_of(client, headers):
        if action["kind"] not in BY_POSITION and _luck(action, "pupil_ref", "kind", "role") < DONE:
            path = f"/coordination/api/v1/actions/{action['action_id']}/completion"
            told[await _moved(client, path, headers, {"reason": "arranged"}, "done")] += 1
    path = "/notifications/api/v1/alerts?limit=500&status=raised&status=delivered"
    for alert in (await people.get(client, path, headers))["items"]:
        if _luck(alert, "pupil_ref", "rule", "severity", "step", "role") < CONFIRMED:
            path = f"/notifications/api/v1/alerts/{alert['alert_id']}/acknowledgement"
            told[await _moved(client, path, headers, None, "confirmed")] += 1
    return told


async def answer(client: httpx.AsyncClient, keys: Keys, organisation: str, pupils: Mapping[str, str]) -> Counter[str]:
    """Answer to every offer of custody as the organisation thinks of it; tells how many. `pupils`: personal number by
    reference."""
    told: Counter[str] = Counter()
    officer = Role.LEERPLICHT if len(organisation) == 4 else Role.DOORSTROOMPUNT
    headers = people.acting(keys, organisation, officer if organisation.isdigit() else Role.INTAKE_COORDINATOR)
    for offer in (await people.get(client, OFFERS, headers))["items"]:
        thinks = attitude(pupils[offer["pupil_ref"]], offer["situation"], organisation)
        path, in_effect = f"{OFFERS}/{offer['offer_id']}", offer["state"] == "in_effect"
        if thinks is Attitude.ACCEPTS:
            told[await _moved(client, f"{path}/acceptance", headers, None, "pupil taken on")] += 1
        elif thinks is Attitude.RETURNS or (thinks is Attitude.RETURNS_LATER and in_effect):
            told[await _moved(client, f"{path}/return", headers, GIVEN_BACK, "pupil given back")] += 1
        else:
            told["pupil not answered for"] += 1
    return told


async def _moved(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], body: dict[str, str] | None, told: str
) -> str:
    """What to count: done as asked, or not possible because somebody was first."""
    answer = await client.post(path, headers=headers, json=body)
    if answer.status_code != 409:
        answer.raise_for_status()
        return told
    return "impossible"


def _luck(thing: Mapping[str, object], *said: str) -> int:
    """0 to 99, the same for who says the same every time; keys of things may differ from one run to another."""
    name = ":".join(str(thing[one]) for one in said)
    return int(sha256(name.encode()).hexdigest(), 16) % 100
