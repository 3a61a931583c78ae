"""Made-up facts of a school year, for tests of the rules."""

from datetime import date

from shared.schemas.dossiers import (
    ChoiceRegistered,
    ConcernRaised,
    DossierCompleted,
    DossierPart,
    ExamResultRecorded,
    PupilNotListed,
    WarmHandoverRequested,
)
from shared.schemas.intakes import AbsenceReported, EnrolmentEnded, ProgrammeSwitched
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MBO, OTHER_MBO, SITE, day, told

TERM = date(2027, 8, 30)


def dossier(complete=False, at=made.NOVEMBER, sequence=20):
    parts = (DossierPart(part="pupil", status="complete"), DossierPart(part="mentor", status="open"))
    data = DossierCompleted(occurred_at=at, cohort=COHORT, vo_site=SITE, complete=complete, parts=parts)
    return made.event(data, at=at, sequence=sequence)


def talk(model=WarmHandoverRequested, hold_by=date(2027, 5, 11), at=made.NOVEMBER, sequence=21, **fields):
    data = model(
        occurred_at=at,
        talk_id="t1",
        cohort=COHORT,
        vo_site=SITE,
        mbo_institution=MBO,
        status=fields.pop("status", "requested"),
        requested_by="mbo",
        requested_at=made.NOVEMBER,
        hold_by=hold_by,
        **fields,
    )
    return made.event(data, at=at, sequence=sequence)


def exam(result="passed", track=None, at=day(6, 15), sequence=22):
    data = ExamResultRecorded(
        occurred_at=at, cohort=COHORT, vo_site=SITE, result=result, track=track, decided_on=at.date()
    )
    return made.event(data, at=at, sequence=sequence)


def choice(level, at=made.NOVEMBER, sequence=23):
    data = ChoiceRegistered(
        occurred_at=at,
        choice_id="c1",
        cohort=COHORT,
        vo_site=SITE,
        mbo_institution=MBO,
        programme="25655",
        level=level,
        pathway="bol",
        preference=1,
    )
    return made.event(data, at=at, sequence=sequence)


def absence(status="registered", at=day(10, 5), sequence=24, **fields):
    data = AbsenceReported(
        occurred_at=at,
        report_number="V-2027-1",
        cohort=COHORT,
        mbo_institution=MBO,
        kind="hours_16_in_4_weeks",
        status=status,
        reported_on=date(2027, 10, 5),
        **fields,
    )
    return made.event(data, at=at, sequence=sequence, source="intake")


def switch(status="registered", on=date(2027, 10, 4), at=day(10, 4), sequence=25):
    data = ProgrammeSwitched(
        occurred_at=at,
        switch_id="s1",
        cohort=COHORT,
        mbo_institution=MBO,
        application_id="a1",
        status=status,
        from_programme="25655",
        switched_on=on,
    )
    return made.event(data, at=at, sequence=sequence, source="intake")


def concern(model=ConcernRaised, at=day(3, 8), sequence=26, **fields):
    values = {"severity": 3, "route": ("decaan", "leerplicht")} | fields
    data = model(
        occurred_at=at,
        concern_id="k1",
        cohort=COHORT,
        organisation=SITE,
        raised_at=day(3, 8),
        reason="contact_lost",
        **values,
    )
    return made.event(data, at=at, sequence=sequence)


def unlisted(at=day(2, 8), sequence=27):
    return made.event(PupilNotListed(occurred_at=at, cohort=COHORT, vo_site=SITE), at=at, sequence=sequence)


def ended(on, at, diploma=False, destination="unknown", first_day=TERM, sequence=28):
    data = EnrolmentEnded(
        occurred_at=at,
        application_id="a1",
        cohort=COHORT,
        mbo_institution=MBO,
        programme="25655",
        pathway="bol",
        first_day=first_day,
        ended_on=on,
        reason=7,
        diploma=diploma,
        destination=destination,
    )
    return made.event(data, at=at, sequence=sequence, source="intake")


def begun(*more, born=date(2010, 3, 24)):
    """A student who started on 30 August."""
    first = [made.expected(), made.recorded(born=born), made.applied(status="enrolled")]
    return told([*first, made.enrolled(at=day(8, 30), first_day=TERM), *more])


def enrolled(**fields):
    """A student who is enrolled and was not seen."""
    return told([made.expected(), made.recorded(**fields), made.applied(status="enrolled")])


def everything():
    """Facts on which every rule that needs no absence of facts has something to say."""
    second = made.applied(status="enrolled", key="a2", mbo=OTHER_MBO, sequence=93)
    first = [made.expected(), made.recorded(), made.applied(status="enrolled"), second]
    asked = [dossier(), talk(), choice(4), concern(at=made.NOVEMBER), unlisted(at=made.NOVEMBER)]
    return [*first, *asked, made.handover(), exam("failed", at=made.NOVEMBER), absence(at=made.NOVEMBER)]
