"""What the pages of a school read: a pupil with everything that is known, and the names behind codes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.dossier import store
from services.dossier.domain.handover import Handover
from services.dossier.domain.progress import Application, Todo, todo
from services.dossier.domain.pupils import Choice, Pupil
from services.dossier.domain.told import Organisation, Told
from shared.core.errors import NotFound
from shared.schemas.alerts import AlertResolved
from shared.schemas.coordination import ActionDone
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class Names:
    """Names of organisations and of their contacts; a code stands for itself when it has no name."""

    organisations: Mapping[str, Organisation]

    def organisation(self, code: str) -> str:
        """Name of an organisation."""
        found = self.organisations.get(code)
        return found.name if found else code

    def person(self, organisation: str, ref: str | None) -> str | None:
        """Name of a contact; None when unknown."""
        found = self.organisations.get(organisation)
        return found.contacts.get(ref or "") if found else None

    def institutions(self) -> list[tuple[str, str]]:
        """The mbo institutions, by name."""
        return [(code, found.name) for code, found in self.organisations.items() if found.kind == "mbo"]


@dataclass(frozen=True, slots=True)
class Card:
    """A pupil of the school, with what is known of the road ahead."""

    pupil: Pupil
    choices: Sequence[Choice]
    applications: Sequence[Application]
    handovers: Sequence[Handover]

    @property
    def todo(self) -> Todo:
        """The group of the class list this pupil belongs to."""
        return todo(self.choices, self.applications, self.handovers)


@dataclass(frozen=True, slots=True)
class Situation:
    """Who has the pupil now and what comes next, as coordination told it."""

    custodian: Mapping[str, Any] | None = None
    since: datetime | None = None
    action: Mapping[str, Any] | None = None
    outcome: str | None = None
    """Why the transition was closed; None: open."""
    alerts: Sequence[Mapping[str, Any]] = ()


async def cards(conn: Connection, vo_site: str, pupils: Sequence[Pupil]) -> list[Card]:
    """These pupils of one site, each with what is known of their own cohort."""
    refs = {pupil.pupil_ref for pupil in pupils}
    choices = await store.choices(conn, vo_site, refs)
    applications = await store.applications(conn, refs)
    handovers = await store.handovers(conn, vo_site, refs)

    def of(found: Mapping[str, Iterable[Any]], pupil: Pupil) -> list[Any]:
        return [one for one in found.get(pupil.pupil_ref, ()) if one.cohort == pupil.cohort]

    return [Card(p, of(choices, p), of(applications, p), of(handovers, p)) for p in pupils]


async def card(conn: Connection, vo_site: str, ref: str) -> Card:
    """One own pupil, in the newest cohort. `NotFound` when it is not theirs."""
    root = (await store.roots(conn, [ref])).get(ref, ref)
    found = await store.pupils(conn, vo_site, ref=root)
    if not found:
        raise NotFound("no such pupil")
    return (await cards(conn, vo_site, found[:1]))[0]


async def situation(conn: Connection, pupil: Pupil) -> Situation:
    """Who has an own pupil now, what comes next, and which alerts about them this school got."""
    told = await store.told(conn, pupil.pupil_ref, pupil.cohort)
    states: dict[str, list[tuple[Told, dict[str, Any]]]] = {}
    for one in told:
        states.setdefault(one.entity, []).append((one, json.loads(one.state)))
    actions = [state for one, state in states.get("action", ()) if one.type != ActionDone.TYPE]
    alerts = [
        state
        for one, state in states.get("alert", ())
        if one.type != AlertResolved.TYPE and state["organisation"] == pupil.vo_site
    ]
    custody = states["custody"][-1][1] if "custody" in states else None
    transition = states["transition"][-1][1] if "transition" in states else {}
    return Situation(
        custody and custody["holder"],
        datetime.fromisoformat(custody["since"]) if custody else None,
        min(actions, key=lambda a: (a["due_at"], -a["severity"], a["action_id"]), default=None),
        transition.get("outcome"),
        alerts,
    )


async def names(conn: Connection, vo_site: str, now: Situation) -> Names:
    """Names behind the codes on a pupil's page; every mbo institution among them."""
    holders = [now.custodian, now.action and now.action["owner"]]
    codes = {vo_site, *(holder["organisation"] for holder in holders if holder)}
    return Names(await store.organisations(conn, codes, "mbo"))
