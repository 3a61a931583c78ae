"""The CSV doors of what follows an applicant: invitations, starters, switches, leavers and absence (docs/csv.md)."""

from typing import Annotated

from fastapi import Request

from services.intake.api.models import Sender
from services.intake.domain.access import check_access
from services.intake.handlers import files
from services.intake.handlers.files.step_kinds import senders
from shared.core.actor import Actor
from shared.messaging.outbox import perform
from shared.schemas.imports import ImportResult
from shared.web.api.router import Part, csv_file
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


@part.post("/invitation-lists", tags=["files"])
async def post_invitation_list(
    actor: Sender, request: Request, data: Annotated[bytes, csv_file(INVITATIONS)]
) -> ImportResult:
    """Take in invitations, appointments, and intakes that were missed."""
    return await take(request, actor, "invitations", data)


@part.post("/starter-lists", tags=["files"])
async def post_starter_list(
    actor: Sender, request: Request, data: Annotated[bytes, csv_file(STARTERS)]
) -> ImportResult:
    """Take in who was seen in class, and who was not."""
    return await take(request, actor, "starters", data)


@part.post("/switch-lists", tags=["files"])
async def post_switch_list(actor: Sender, request: Request, data: Annotated[bytes, csv_file(SWITCHES)]) -> ImportResult:
    """Take in changes of programme."""
    return await take(request, actor, "switches", data)


@part.post("/leaver-lists", tags=["files"])
async def post_leaver_list(actor: Sender, request: Request, data: Annotated[bytes, csv_file(LEAVERS)]) -> ImportResult:
    """Take in enrolments that ended."""
    return await take(request, actor, "leavers", data)


@part.post("/absence-lists", tags=["files"])
async def post_absence_list(
    actor: Sender, request: Request, data: Annotated[bytes, csv_file(ABSENCES)]
) -> ImportResult:
    """Take in statutory reports of absence, by their number in the national register."""
    return await take(request, actor, "absences", data)


async def take(request: Request, actor: Actor, kind: str, data: bytes) -> ImportResult:
    """Take a file in; answers with the fate of its rows, in the language of the sender."""
    check_access(actor, senders(kind))
    state = request.app.state
    handler, command = files.command(kind, data, state.keys, state.clock.now())
    result: ImportResult = await perform(state.transport, actor, handler, command)
    return result.said(_)
