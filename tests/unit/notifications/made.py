"""Made-up events of the services that notifications listens to."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from shared.core.ids import opaque_ref
from shared.schemas.coordination import (
    ActionDone,
    ActionOpened,
    ActionOverdue,
    Custodian,
    CustodyChanged,
    Evidence,
    Severity,
    StudentAtRisk,
    StudentAtRiskCleared,
)
from shared.schemas.dossiers import ChoiceRegistered, PupilExpected
from shared.schemas.envelope import Event, EventData
from shared.schemas.organisations import Contact, ContactRecorded
from shared.schemas.pupils import PupilLinked, PupilRecorded
from tests.support import Told

NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)
COHORT = 2027
SITE, REGION, MBO = "99XA00", "19", "99XM"
ANNA, BRAM, CARO = (letter * 26 for letter in "abc")


def person(name: str) -> str:
    """The reference of a member of staff."""
    return opaque_ref("person", f"{name}@zorgvuldig.example")


MENTOR = Custodian(organisation=SITE, role="mentor", contact=person("mentor"), deputy=person("decaan"))
DECAAN = Custodian(organisation=SITE, role="decaan", contact=person("decaan"))
OFFICER = Custodian(organisation=REGION, role="doorstroompunt", contact=person("officer"))


@dataclass
class Stream:
    """Numbers the events of one pupil as their publishers do."""

    subject: str = ANNA
    numbers: dict[str, int] = field(default_factory=dict)

    def __call__(self, source: str, data: EventData, at: datetime = NOW) -> Event:
        self.numbers[source] = self.numbers.get(source, 0) + 1
        number = self.numbers[source]
        return Event(UUID(int=hash((self.subject, source, number)) % 2**128), source, at, self.subject, number, data)


def told(event: Event) -> Told:
    """The same event, for a consumer on a real database."""
    return Told(event.source, event.subject, event.data, event.time, event.sequence)


def at_risk(
    severity: Severity = Severity.NOTICE,
    route: tuple[Custodian, ...] = (MENTOR,),
    *,
    cleared: bool = False,
    risk_id: str = "risk-1",
) -> StudentAtRisk | StudentAtRiskCleared:
    model = StudentAtRiskCleared if cleared else StudentAtRisk
    return model(
        occurred_at=NOW,
        risk_id=risk_id,
        cohort=COHORT,
        rule="no-application",
        agreement_version="default-2026.1",
        severity=severity,
        evidence=(
            Evidence(fact="application-date", value="2027-04-01"),
            Evidence(fact="choices", value="2"),
            Evidence(fact="live-applications", value="0"),
        ),
        route=route,
        known_until=NOW,
    )


def action(model: type[ActionOpened | ActionDone | ActionOverdue], owner: Custodian, due_days: int = 5) -> EventData:
    return model(
        occurred_at=NOW,
        action_id="action-1",
        cohort=COHORT,
        kind="talk-to-pupil",
        owner=owner,
        due_at=NOW + timedelta(days=due_days),
        severity=2,
        next=True,
    )


def recorded(first: str = "Anna", last: str = "Zonneveld", municipality: str = "0344") -> PupilRecorded:
    return PupilRecorded(
        occurred_at=NOW,
        first_name=first,
        prefix="van",
        last_name=last,
        birth_date=date(2010, 5, 4),
        municipality=municipality,
    )


def expected() -> PupilExpected:
    return PupilExpected(occurred_at=NOW, cohort=COHORT, vo_site=SITE, track="vmbo-bb", mentor=person("mentor"))


def choice(preference: int = 1, mbo: str = MBO, crebo: str = "25498") -> ChoiceRegistered:
    return ChoiceRegistered(
        occurred_at=NOW,
        choice_id=f"choice-{preference}",
        cohort=COHORT,
        vo_site=SITE,
        mbo_institution=mbo,
        programme=crebo,
        level=2,
        pathway="bol",
        preference=preference,
    )


def custody(holder: Custodian = MENTOR) -> CustodyChanged:
    return CustodyChanged(occurred_at=NOW, cohort=COHORT, number=1, since=NOW, holder=holder, basis="agreed")


def linked(absorbed: str, survivor: str) -> PupilLinked:
    return PupilLinked(occurred_at=NOW, survivor=survivor, absorbed=absorbed, evidence="bsn-received")


def contacts(code: str, name: str, *people: tuple[str, str, str]) -> Told:
    """An organisation with people: (local part of the address, role, name)."""
    kind = {6: "vo", 4: "mbo", 2: "region"}[len(code)]
    data = ContactRecorded(
        occurred_at=NOW,
        organisation=code,
        kind=kind,
        name=name,
        contacts=tuple(
            Contact(
                person_ref=person(local),
                role=role,
                name=full,
                email=f"{local}@zorgvuldig.example",
                valid_from=date(2026, 8, 1),
            )
            for local, role, full in people
        ),
    )
    return Told("coordination", code, data, NOW, 1)
