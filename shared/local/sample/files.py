"""The sample region as files, exactly as schools and institutions would hand them in."""

from collections.abc import Iterator
from datetime import date
from operator import itemgetter

from shared.core.reference import load
from shared.core.tabular import Table, kinds, students, transfer, write, year_end
from shared.local.sample import meetings, people, road, writings
from shared.local.sample.catalogue import COHORT, INSTITUTIONS, PUPILS, SITES
from shared.local.sample.dice import Dice
from shared.local.sample.staff import START, Cells, Staff, organisations, staff
from shared.local.sample.wrong import add_wrong_rows

SEED = 2027
OUTSIDERS = 40
DUTCH_DATES = ("99AA00", "99AC00", "99MB")
"""Organisations whose software writes 24-03-2011; the others write 2011-03-24."""


def kind_of(name: str) -> kinds.FileKind:
    """The kind of a sample file, by the first word of its name."""
    reference = load()
    dated = (kinds.pupils(reference, START), kinds.applications(reference, START))
    known = (
        *dated,
        kinds.CHOICES,
        kinds.INTAKES,
        kinds.HANDOVERS,
        kinds.ORGANISATIONS,
        kinds.CONTACTS,
        kinds.STAFF_ABSENCES,
        *students.KINDS,
        kinds.APPLICATION_EXPORT,
        *transfer.KINDS,
        *year_end.KINDS,
    )
    return next(kind for kind in known if name.startswith(kind.name))


def generate() -> dict[str, bytes]:
    """Every file of the sample by name, its README included. The same bytes on every machine."""
    dice, reference, pgns = Dice(SEED), load(), people.numbers()
    pupils = people.pupils(dice, pgns)
    contacts = staff(dice, reference, pupils)
    chosen = road.choices(dice, pupils)
    applied = road.applications(dice, [*pupils, *people.outsiders(dice, pgns, OUTSIDERS)], chosen)
    handed = road.handovers(dice, applied)
    rows = {"organisaties": list(organisations(reference)), "contactpersonen": contacts.rows}
    for site in SITES:
        own = [pupil for pupil in pupils if pupil.site == site.code]
        rows[f"leerlingen-{site.code}"] = [_pupil(pupil, contacts) for pupil in own]
        rows[f"keuzes-{site.code}"] = [_choice(choice) for choice in chosen if choice.pupil.site == site.code]
        rows[f"overdrachten-{site.code}"] = [_handover(made) for made in handed if made.pupil.site == site.code]
    for code in INSTITUTIONS:
        received = [application for application in applied if application.programme.institution == code]
        rows[f"aanmeldingen-{code}"] = sorted(_statuses(received), key=itemgetter("statusdatum", "aanmelding_id"))
        rows[f"intakes-{code}"] = sorted(_intakes(received), key=itemgetter("intakedatum", "aanmelding_id"))
    later = Dice(SEED + 1)  # Of its own, so that what was drawn before stays as it is.
    files = {**_files(dice, rows), **_files(later, _dossiers(later, pupils, applied))}
    return {**files, "README.md": _readme({name: kind_of(name).read(data) for name, data in files.items()})}


def _dossiers(dice: Dice, pupils: list[people.Pupil], applied: list[road.Application]) -> dict[str, list[Cells]]:
    """What schools write and tell before a handover, and the way to each intake."""
    written = writings.writings(dice, pupils)
    told = writings.informed(dice, written)
    steps = meetings.steps(dice, applied)
    rows: dict[str, list[Cells]] = {}
    for site in SITES:
        rows[f"dossiers-{site.code}"] = [_writing(one) for one in written if one.pupil.site == site.code]
        rows[f"geinformeerd-{site.code}"] = [_informed(one) for one in told if one.pupil.site == site.code]
    for code in INSTITUTIONS:
        rows[f"uitnodigingen-{code}"] = [_step(s) for s in steps if s.application.programme.institution == code]
    return rows


def _files(dice: Dice, rows: dict[str, list[Cells]]) -> dict[str, bytes]:
    return {f"{name}.csv": _file(dice, name, found, turn) for turn, (name, found) in enumerate(sorted(rows.items()))}


def _file(dice: Dice, name: str, rows: list[Cells], turn: int) -> bytes:
    kind, _, owner = name.partition("-")
    if owner:
        rows = add_wrong_rows(dice, kind, rows, turn)
    if owner in DUTCH_DATES:
        rows = [{column: _dutch(cell) if "datum" in column else cell for column, cell in row.items()} for row in rows]
    return write(kind_of(kind).header, rows)


def _dutch(cell: str) -> str:
    try:
        return date.fromisoformat(cell).strftime("%d-%m-%Y")
    except ValueError:
        return cell


def _school(pupil: people.Pupil) -> Cells:
    return {"brin_vestiging": pupil.site, "cohort": str(COHORT), "leerlingnummer": pupil.number}


def _name(pupil: people.Pupil) -> Cells:
    who = pupil.person
    return {"achternaam": who.last, "tussenvoegsel": who.prefix, "roepnaam": who.first}


def _pupil(pupil: people.Pupil, contacts: Staff) -> Cells:
    return {
        **_school(pupil),
        **_name(pupil),
        "pgn": pupil.pgn,
        "geboortedatum": pupil.born.isoformat(),
        "postcode": pupil.postcode,
        "gemeentecode": pupil.municipality,
        "leerweg": pupil.track,
        "klas": pupil.group,
        "startkwalificatie": "J" if pupil.qualified else "N",
        "mentor_email": contacts.mentors[pupil.site, pupil.group],
        "plaatsvervanger_email": contacts.decaan[pupil.site],
    }


def _choice(choice: road.Choice) -> Cells:
    return {
        **_school(choice.pupil),
        "mbo_brin": choice.programme.institution,
        "crebo": choice.programme.crebo,
        "niveau": str(choice.programme.level),
        "leerroute": choice.pathway,
        "voorkeur": str(choice.preference),
        "startdatum": date(COHORT, 8, 30).isoformat(),
    }


def _handover(handover: road.Handover) -> Cells:
    return {**_school(handover.pupil), "mbo_brin": handover.institution, "soort": handover.kind}


def _statuses(applied: list[road.Application]) -> Iterator[Cells]:
    for application in applied:
        for version, (status, day) in enumerate(application.statuses, 1):
            yield {
                "mbo_brin": application.programme.institution,
                "aanmelding_id": application.id,
                "pgn": application.pupil.pgn,
                "geboortedatum": application.pupil.born.isoformat(),
                **_name(application.pupil),
                "gemeentecode": application.pupil.municipality,
                "crebo": application.programme.crebo,
                "leerroute": application.pathway,
                "status": status,
                "statusdatum": day.isoformat(),
                "versie": str(version),
            }


def _intakes(applied: list[road.Application]) -> Iterator[Cells]:
    for application in applied:
        if application.intake:
            yield {
                "mbo_brin": application.programme.institution,
                "aanmelding_id": application.id,
                "pgn": application.pupil.pgn,
                "intakedatum": application.intake.day.isoformat(),
                "uitkomst": application.intake.outcome,
                "redencode": application.intake.reason,
            }


def _writing(written: writings.Writing) -> Cells:
    present = "J" if written.text else "N"
    return {**_school(written.pupil), "onderdeel": written.category, "aanwezig": present, "tekst": written.text}


def _informed(told: writings.Informed) -> Cells:
    return {**_school(told.pupil), "geinformeerd_op": told.on.isoformat(), "wie": told.whom, "hoe": told.how}


def _step(step: meetings.Step) -> Cells:
    return {
        "mbo_brin": step.application.programme.institution,
        "aanmelding_id": step.application.id,
        "pgn": step.application.pupil.pgn,
        "stap": step.step,
        "geregistreerd_op": f"{step.recorded:%Y-%m-%d %H:%M}",
        "antwoord_voor": step.answer_by.isoformat() if step.answer_by else "",
        "gepland_op": f"{step.planned:%Y-%m-%d %H:%M}" if step.planned else "",
        "vorm": step.form,
        "redencode": step.reason,
    }


README = """# A made-up region

Region 19 (Utrecht) in cohort {cohort}: {pupils} pupils of four vo schools on their way to two mbo institutions, and
{outsiders} more whom an institution meets first. Pupils, staff, schools and institutions are made up (BRIN 99XX and
mail addresses under `.example` do not exist; the personal numbers only pass their eleven test); municipalities and
regions are real. The files look as schools and institutions export them (`docs/csv.md` says what each holds); they
tell what was known from 2 November 2026 up to 31 March 2027. Codes of programmes are examples; each has one level.

`python -m shared.local.sample` writes this folder again, byte for byte; change the generator, not the files.

About one row in a hundred is wrong, as in real files: a date that does not exist, a row that is there twice, a
personal number with a typing error, an unknown municipality, a word where a code belongs. Wrong rows stand beside
the good ones: leaving them out leaves {pupils} pupils. The reader finds them all:

| file | rows | good | wrong |
|---|---:|---:|---:|
"""


def _readme(tables: dict[str, Table]) -> bytes:
    lines = [
        f"| `{name}` | {table.received} | {len(table.rows)} | {len(table.bad_rows)} |"
        for name, table in sorted(tables.items())
    ]
    text = README.format(cohort=COHORT, pupils=PUPILS, outsiders=OUTSIDERS) + "\n".join(lines) + "\n"
    return text.encode()
