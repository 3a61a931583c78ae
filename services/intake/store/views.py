"""What the pages and the API show, read by the institution that asks. Nothing here changes anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.intake.domain import absence, enrolment, intake, switch
from services.intake.domain.absence import Absence
from services.intake.domain.enrolment import Enrolment
from services.intake.domain.intake import Intake
from services.intake.domain.steps import Step
from services.intake.domain.switch import Switch
from services.intake.store import SQL, steps
from services.intake.store.steps import ENTITIES, Entity
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class Case:
    """One application with all around it."""

    application: Mapping[str, Any]
    facts: Sequence[Mapping[str, Any]]
    story: Sequence[tuple[Entity, str, Step]]
    """Every step: entity, key, and what was told."""
    versions: Mapping[tuple[str, str], int]
    mandatory: bool
    handovers: Sequence[Mapping[str, Any]]
    alerts: Sequence[Mapping[str, Any]]
    talks: Sequence[Mapping[str, Any]]

    @property
    def plain_facts(self) -> list[dict[str, Any]]:
        """The facts by themselves, without the key of the application."""
        return [{name: value for name, value in fact.items() if name != "application_id"} for fact in self.facts]

    def steps(self, entity: str, key: str = "") -> list[Step]:
        """The steps of one entity."""
        return [step for kind, of, step in self.story if (kind, of) == (entity, key)]

    def version(self, entity: str, key: str = "") -> int:
        """How often one entity changed; of the application itself: how many facts were told."""
        return len(self.facts) if entity == "application" else self.versions.get((entity, key), 0)

    def state(self, entity: Entity, key: str = "") -> Intake | Enrolment | Switch | Absence | None:
        """One entity as it now is."""
        told = self.steps(entity, key)
        match entity:
            case "intake":
                return replace(intake.present(told), mandatory=self.mandatory)
            case "enrolment":
                return enrolment.present(told)
            case "switch":
                return switch.present(told)
            case "absence":
                return absence.present(told)

    @property
    def intake(self) -> Intake:
        """The intake as it now is."""
        return replace(intake.present(self.steps("intake")), mandatory=self.mandatory)

    @property
    def enrolment(self) -> Enrolment:
        """The enrolment as it now is."""
        return enrolment.present(self.steps("enrolment"))

    @property
    def switches(self) -> list[tuple[str, Switch]]:
        """Every change of programme, by its key, in the order in which they were told."""
        found = ((key, switch.present(self.steps("switch", key))) for key in self._keys("switch"))
        return [(key, one) for key, one in found if one]

    @property
    def absences(self) -> list[tuple[str, Absence]]:
        """Every report of absence, by its number, in the order in which they were told."""
        found = ((key, absence.present(self.steps("absence", key))) for key in self._keys("absence"))
        return [(key, one) for key, one in found if one]

    def _keys(self, entity: Entity) -> list[str]:
        told = sorted((step.arrived, key) for kind, key, step in self.story if kind == entity)
        return list(dict.fromkeys(key for _, key in told))


async def case(conn: Connection, institution: str, application_id: str, today: date | None = None) -> Case | None:
    """An application of this institution; None when there is none with this key. `today`: decides whether its intake
    is mandatory; None: that is not asked."""
    row = await conn.fetchrow(SQL["case"], institution, application_id)
    if row is None:
        return None
    facts = await conn.fetch(SQL["facts"], institution, [application_id])
    versions: dict[tuple[str, str], int] = {
        (entity, key): version.version
        for entity in ENTITIES
        for (_, key), version in (await steps.versions(conn, institution, entity, [application_id])).items()
    }
    duties = await steps.duties(conn, institution, today) if today else {}
    beside = [
        await conn.fetch(SQL[name], institution, row["pupil_ref"]) for name in ("handovers_of", "alerts_of", "talks_of")
    ]
    return Case(
        dict(row),
        [dict(fact) for fact in facts],
        await steps.story(conn, institution, application_id),
        versions,
        duties.get(row["programme"], duties.get("", False)),
        *([dict(found) for found in rows] for rows in beside),
    )


async def results(conn: Connection, institution: str, application_id: str) -> list[dict[str, Any]]:
    """Every outcome of an intake that was recorded, in order."""
    return [dict(row) for row in await conn.fetch(SQL["results"], institution, [application_id])]


async def page_of(conn: Connection, institution: str, after: str, limit: int) -> list[dict[str, Any]]:
    """Applications of an institution in the order of their keys, after this key."""
    return [dict(row) for row in await conn.fetch(SQL["page_of"], institution, after, limit)]


async def enrolment_of(conn: Connection, institution: str, application_id: str) -> dict[str, Any] | None:
    """The enrolment of an application as it stands; None while nothing was told."""
    row = await conn.fetchrow(SQL["enrolment_of"], institution, application_id)
    return dict(row) if row else None


async def switches_of(conn: Connection, institution: str, application_id: str) -> list[dict[str, Any]]:
    """The switches of an application, the newest first."""
    return [dict(row) for row in await conn.fetch(SQL["switches_of"], institution, application_id)]
