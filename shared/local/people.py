"""What the people of the made-up region do between the files: open dossiers, talk to pupils, confirm signals."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import httpx

from shared.core.actor import Actor, Role
from shared.core.ids import opaque_ref
from shared.core.keys import Keys
from shared.core.reference import load
from shared.core.tabular import kinds
from shared.core.tabular.transfer import CATEGORIES, DOSSIERS
from shared.local.sample import FOLDER, OPENING
from shared.local.sample.catalogue import INSTITUTIONS, SITES

Deed = Callable[[httpx.AsyncClient, Keys, date], Awaitable[dict[str, dict[str, Any]]]]
"""What is done on a day; tells per organisation how much."""

ANSWER_AFTER = timedelta(days=3)
OWN_DAY = date(2027, 3, 10)
"""Day by which pupils have written their own part, once the schools have written theirs."""
BUSY_DAYS = (date(2027, 2, 3), date(2027, 3, 3), date(2027, 3, 17))
"""Days on which schools do what the signals ask of them."""
OPENED, ACCEPTED, TALKED, CONFIRMED, PLANNED, HELD, WRITTEN = 85, 70, 80, 60, 75, 90, 95
"""Of 100: dossiers opened and taken on within three days, pupils talked to, signals confirmed, talks planned, of
those held, and own parts finished by pupils of whom the school has written everything."""
CAREER = {"link": "https://loopbaandossier.example/mijn"}


async def answer_dossiers(client: httpx.AsyncClient, keys: Keys, _day: date) -> dict[str, dict[str, Any]]:
    """The institutions open most of the dossiers offered to them, and take most of those on."""
    told = {}
    for institution in INSTITUTIONS:
        headers = acting(keys, institution, Role.INTAKE_COORDINATOR)
        found = await pages_of(client, "/dossier/api/v1/handovers", headers)
        offered = [h["handover_id"] for h in found if h["status"] == "offered"]
        for handover in offered:
            for step, share in (("opening", OPENED), ("acceptance", ACCEPTED)):
                if _luck(handover) < share:
                    await post(client, f"/dossier/api/v1/handovers/{handover}/{step}", headers)
        told[institution] = {
            "received": len(offered),
            "opened": _below(offered, OPENED),
            "accepted": _below(offered, ACCEPTED),
        }
    return told


async def plan_talks(client: httpx.AsyncClient, keys: Keys, day: date) -> dict[str, dict[str, Any]]:
    """The institutions plan most of the talks that a warm handover asks for, on a day within two weeks."""
    told = {}
    for institution in INSTITUTIONS:
        headers = acting(keys, institution, Role.INTAKE_COORDINATOR)
        asked = [one["talk_id"] for one in await pages_of(client, "/dossier/api/v1/talks", headers) if _waits(one)]
        for talk_id in asked:
            if _luck(talk_id) < PLANNED:
                on = day + timedelta(days=3 + _luck(talk_id) % 10)
                plan: dict[str, Any] = {
                    "planned_at": f"{on}T12:30:00Z",
                    "form": "phone",
                    "roles": ["decaan", "intaker"],
                }
                plan["mbo_person"] = _contact(institution, "intaker")
                await post(client, f"/dossier/api/v1/talks/{talk_id}/plan", headers, plan)
        told[institution] = {"asked": len(asked), "planned": _below(asked, PLANNED)}
    return told


async def hold_talks(client: httpx.AsyncClient, keys: Keys, day: date) -> dict[str, dict[str, Any]]:
    """The schools write down what came of the talks that were planned until now; a few did not go through."""
    told = {}
    for site in SITES:
        headers = acting(keys, site.code, Role.DECAAN)
        planned = await pages_of(client, "/dossier/api/v1/talks", headers)
        over = [one for one in planned if one["status"] == "planned" and one["planned_at"] < day.isoformat()]
        for one in over:
            path = f"/dossier/api/v1/talks/{one['talk_id']}"
            if _luck(one["talk_id"]) < PLANNED * HELD // 100:
                await post(client, f"{path}/report", headers, _report(one, day))
            else:
                await post(client, f"{path}/miss", headers, {"reason": "mbo_absent"})
        told[site.code] = {"planned": len(over), "held": _below((o["talk_id"] for o in over), PLANNED * HELD // 100)}
    return told


def _waits(talk: dict[str, Any]) -> bool:
    return talk["status"] in ("requested", "missed")


def _report(talk: dict[str, Any], day: date) -> dict[str, Any]:
    """What came of a talk: every third asks for something to be done."""
    due = (day + timedelta(days=21)).isoformat()
    agreed = [{"action": "plan_visit", "role": "intaker", "due": due}] if _luck(talk["talk_id"]) % 3 == 0 else []
    there = {"vo_person": _contact(talk["vo_site"], "decaan")}
    return {"held_at": talk["planned_at"], "informed": True, "follow_ups": agreed, **there}


@cache
def _contact(organisation: str, role: str) -> str:
    """The first contact of an organisation in a role."""
    rows = kinds.CONTACTS.read((FOLDER / "contactpersonen.csv").read_bytes()).rows
    email = next(row["email"] for row in rows if (row["organisatie"], row["rol"]) == (organisation, role))
    return opaque_ref("person", email.lower())


async def write_own_parts(client: httpx.AsyncClient, keys: Keys, _day: date) -> dict[str, dict[str, Any]]:
    """Most pupils of whom the school has written everything finish their own part; of the others the dossier stays
    incomplete."""
    told = {}
    for site in SITES:
        headers = acting(keys, site.code, Role.DECAAN)
        asked = [keys.pupil_ref(pgn) for pgn in _described(site.code)]
        async with httpx.AsyncClient(base_url=client.base_url, timeout=client.timeout) as browser:
            for ref in asked:
                if _luck(ref) < WRITTEN:
                    browser.cookies.clear()
                    await write_own_part(browser, await invited(client, ref, headers))
        told[site.code] = {"asked": len(asked), "written": _below(asked, WRITTEN)}
    return told


def _described(site: str) -> list[str]:
    """Personal numbers of the pupils of whom a site has written every category."""
    rows = DOSSIERS.read((FOLDER / f"dossiers-{site}.csv").read_bytes()).rows
    parts = Counter(row["leerlingnummer"] for row in rows)
    listed = kinds.pupils(load(), OPENING).read((FOLDER / f"leerlingen-{site}.csv").read_bytes()).rows
    return [row["pgn"] for row in listed if parts[row["leerlingnummer"]] == len(CATEGORIES)]


async def invited(client: httpx.AsyncClient, pupil_ref: str, headers: dict[str, str]) -> str:
    """A code for a pupil, made by the school."""
    answer = await client.post(f"/dossier/api/v1/pupils/{pupil_ref}/invitations", headers=headers)
    code: str = answer.raise_for_status().json()["code"]
    return code


async def write_own_part(browser: httpx.AsyncClient, code: str) -> None:
    """A pupil signs in with a code, writes where the own dossier is, and says that it is done."""
    for page, form in (("signin", {"code": code}), ("career/link", CAREER), ("career/done", {"done": "yes"})):
        answer = await browser.post(f"/dossier/mine/{page}", data=form)
        if not answer.is_redirect:
            answer.raise_for_status()


async def talk(client: httpx.AsyncClient, keys: Keys, _day: date) -> dict[str, dict[str, Any]]:
    """Mentors and careers advisers talk to most of the pupils they are asked to talk to."""
    told = {}
    for site in SITES:
        headers = acting(keys, site.code, Role.DECAAN)
        asked = [a["action_id"] for a in await actions_of(client, headers) if a["kind"] == "talk-to-pupil"]
        for action in asked:
            if _luck(action) < TALKED:
                await post(client, f"/coordination/api/v1/actions/{action}/completion", headers, {"reason": "spoken"})
        told[site.code] = {"asked": len(asked), "spoken": _below(asked, TALKED)}
    return told


async def acknowledge(client: httpx.AsyncClient, keys: Keys, _day: date) -> dict[str, dict[str, Any]]:
    """People confirm most of the signals they got."""
    told = {}
    for organisation in (*(site.code for site in SITES), *INSTITUTIONS):
        role = Role.INTAKE_COORDINATOR if organisation in INSTITUTIONS else Role.DECAAN
        headers = acting(keys, organisation, role)
        found = await get(client, "/notifications/api/v1/alerts?limit=500&status=raised&status=delivered", headers)
        waiting = [alert["alert_id"] for alert in found["items"]]
        for alert in waiting:
            if _luck(alert) < CONFIRMED:
                await post(client, f"/notifications/api/v1/alerts/{alert}/acknowledgement", headers)
        told[organisation] = {"waiting": len(waiting), "confirmed": _below(waiting, CONFIRMED)}
    return told


async def pages_of(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        answer = await get(client, f"{path}?limit=500&after={after}", headers)
        found, after = found + answer["items"], answer["next"]
    return found


async def actions_of(client: httpx.AsyncClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page: int | None = 1
    while page:
        answer = await get(client, f"/coordination/api/v1/actions?page={page}", headers)
        found, page = found + answer["items"], answer["next"]
    return found


def acting(keys: Keys, organisation: str, role: Role) -> dict[str, str]:
    actor = Actor(organisation, role, opaque_ref("person", f"demo@{organisation}"))
    return {"authorization": f"Bearer {keys.api_token(actor)}"}


async def get(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get(path, headers=headers)).raise_for_status().json()
    return answer


async def post(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], body: dict[str, Any] | None = None
) -> None:
    (await client.post(path, headers=headers, json=body)).raise_for_status()


def _luck(name: str) -> int:
    """0 to 99, the same for the same thing every time."""
    return int(sha256(name.encode()).hexdigest(), 16) % 100


def _below(names: Iterable[str], share: int) -> int:
    return sum(_luck(name) < share for name in names)
