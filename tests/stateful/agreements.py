"""What a made-up region may agree on: each text changes one thing of the agreement that ships."""

from datetime import date

from services.coordination import agreement
from services.coordination.agreement.dates import almanac
from shared.core.reference.calendar import weeks
from tests.unit.coordination.made import MBO, MUNICIPALITY, REGION

TURNS = (f'"{MUNICIPALITY}", role: leerplicht', f'"{REGION}", role: doorstroompunt', f'"{MBO}", role: slber')
"""Who takes turns in the weeks of a roster."""


def _roster(*names: str) -> str:
    """Somebody for each week of these holidays, in turn."""
    known = (holiday for holiday in almanac().calendar(REGION).holidays if holiday.name in names)
    mondays = sorted({monday for holiday in known for monday in weeks(holiday)})
    lines = (f"  {monday}: {{organisation: {TURNS[n % len(TURNS)]}}}\n" for n, monday in enumerate(mondays))
    return "roster:\n" + "".join(lines)


TEXTS = (
    "deadlines: {before_holiday: false, grace_school_days: 3}\ndue_hour: 12\n",
    'rules:\n  no-application:\n    stages:\n      - {day: "01-10", severity: risk, route: [decaan]}\n',
    "rules: {last-path-lost: {on: false}, handover-unanswered: {on: false}}\n",
    "custody:\n  situations:\n    enrolled_not_started: {ahead_school_days: 5, answer_school_days: 3}\n",
    "escalation:\n  ladder:\n"
    "    - {to: deputy, after_school_days: 2}\n    - {to: region_coordinator, after_school_days: 1}\n",
    "holidays:\n"
    "  - {name: spring, first: 2027-03-06, last: 2027-03-21, source: made up}\n"
    "  - {name: harvest, first: 2027-06-05, last: 2027-06-13, source: made up}\n"
    "  - {name: autumn, first: 2027-09-25, last: 2027-10-10, source: made up}\n"
    "duty: {spring: officer, harvest: officer, autumn: school, summer: school}\n",
    "holidays:\n  - {name: summer, first: 2027-06-26, last: 2027-08-08, source: made up}\nduty: {summer: officer}\n",
    f'duty: {{summer: {{organisation: "{REGION}", role: region_coordinator, person: coordinator-2}}}}\n',
    f'duty: {{christmas: officer, spring: {{organisation: "{MBO}", role: intake_coordinator}}}}\n',
    "duty: {autumn: school, christmas: school, spring: school, may: school, summer: school}\n",
    f"duty: {{summer: roster, may: roster}}\n{_roster('summer', 'may')}",
    "silence: {allowed_school_days: {vo: 2, mbo: 1, municipality: 3, region: 4}, within_school_days: 1}\n",
    "silence: {allowed_school_days: {vo: 200, mbo: 200}, within_school_days: 9}\n",
    "vacancies:\n  roles: {vo: [mentor, decaan], mbo: [slber], municipality: [], region: [region_coordinator]}\n"
    "  within_school_days: 1\n",
    'custody:\n  decided_from: "09-15"\n  enrolled_from: "08-20"\n  notice_school_days: 2\n  confirm_school_days: 1\n'
    "  situations:\n    left_18_plus: {ahead_school_days: 3}\n    started: {asked: false}\n",
    "",
)
"""Each is laid over the version that ships; the last agrees on nothing else."""


def text(what: str, version: str, valid_from: date) -> str:
    """The whole text of a version of the region."""
    head = f'version: {version}\nregion: "{REGION}"\nvalid_from: {valid_from}\n'
    return f"{head}based_on: {agreement.load().version}\nsource: made up\n{what}"
