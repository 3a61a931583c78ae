"""The CSV doors of what an institution tells: applications, intakes, and what becomes of a student (docs/csv.md)."""

from fastapi import Request

from services.intake.api.models import INTAKES_EXAMPLE, STATUSES_EXAMPLE
from services.intake.domain.access import check_access
from services.intake.handlers import files
from services.intake.handlers.files.step_kinds import senders
from shared.core.actor import Actor
from shared.messaging.outbox import perform
from shared.schemas.imports import ImportResult
from shared.web.api.lists import Door, open_doors
from shared.web.api.router import Part
from shared.web.texts import gettext as _

part = Part()
INVITATIONS = (
    "mbo_brin;aanmelding_id;pgn;stap;geregistreerd_op;antwoord_voor;gepland_op;vorm;redencode\n"
    "99MA;A200396;999990007;gepland;2026-11-16;;2026-11-20 13:30;locatie;\n"
)
STARTERS = (
    "mbo_brin;aanmelding_id;pgn;gestart;eerste_dag;nagegaan_op;redencode;pogingen;geregistreerd_op\n"
    "99MA;A200396;999990007;J;2027-08-30;;;;2027-08-30\n"
)
SWITCHES = (
    "mbo_brin;aanmelding_id;pgn;wissel_id;wisselstatus;wisseldatum;naar_mbo_brin;naar_crebo;naar_niveau;"
    "naar_aanmelding_id;geregistreerd_op\n"
    "99MA;A200396;999990007;W17;begonnen;2027-10-04;;25607;3;;2027-10-04\n"
)
LEAVERS = (
    "mbo_brin;aanmelding_id;pgn;einddatum;reden;bestemming;naar_mbo_brin;diploma;startkwalificatie;geregistreerd_op\n"
    "99MA;A200396;999990007;2027-10-12;4;other_mbo;99MB;N;N;2027-10-12\n"
)
ABSENCES = (
    "mbo_brin;aanmelding_id;pgn;meldingsnummer;soort;meldingstatus;gemeld_op;verzuim_van;verzuim_tot;actie_gewenst;"
    "afgesloten_op;reden_afsluiting;geregistreerd_op\n"
    "99MA;A200396;999990007;V2027-001234;hours_16_in_4_weeks;geregistreerd;2027-10-04;2027-09-13;2027-10-01;J;;;"
    "2027-10-04\n"
)
DOORS = (
    Door("application", "applications", STATUSES_EXAMPLE, "Take in statuses of applications, one row for each."),
    Door("intake", "intakes", INTAKES_EXAMPLE, "Take in outcomes of intakes."),
    Door("invitation", "invitations", INVITATIONS, "Take in invitations, appointments, and intakes that were missed."),
    Door("starter", "starters", STARTERS, "Take in who was seen in class, and who was not."),
    Door("switch", "switches", SWITCHES, "Take in changes of programme."),
    Door("leaver", "leavers", LEAVERS, "Take in enrolments that ended."),
    Door(
        "absence",
        "absences",
        ABSENCES,
        "Take in statutory reports of absence, by their number in the national register.",
    ),
)


async def take(request: Request, actor: Actor, kind: str, data: bytes) -> ImportResult:
    """Take a file in; answers with the fate of its rows, in the language of the sender."""
    check_access(actor, senders(kind))
    state = request.app.state
    handler, command = files.command(kind, data, state.keys, state.clock.now())
    result: ImportResult = await perform(state.transport, actor, handler, command)
    return result.said(_)


open_doors(part, DOORS, take, ImportResult)
