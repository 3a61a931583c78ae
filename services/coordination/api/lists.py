"""Files with who works where: organisations, contacts, and who is away."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from services.coordination.api.staff import carry_out
from services.coordination.handlers.staff.absences import TELLERS, ImportAbsences, import_absences
from services.coordination.handlers.staff.lists import (
    KEEPERS,
    ImportContacts,
    ImportOrganisations,
    StaffResult,
    import_contacts,
    import_organisations,
)
from shared.core.actor import Actor, Role
from shared.core.tabular.kinds import CONTACTS, ORGANISATIONS, STAFF_ABSENCES, FileKind
from shared.messaging.outbox import perform
from shared.web.api.lists import Door, open_doors
from shared.web.api.router import Part

router = Part()
ORGANISATIONS_EXAMPLE = "code;soort;naam;regio\n99AA00;vo;Voorbeeldcollege;15\n"
CONTACTS_EXAMPLE = (
    "organisatie;rol;naam;email;plaatsvervanger_email;vanaf\n"
    "99AA00;decaan;Ada Voorbeeld;decaan@school.example;mentor@school.example;2026-08-01\n"
)
ABSENCES_EXAMPLE = "organisatie;email;afwezig_vanaf;terug_op\n99AA00;mentor@school.example;2027-03-01;2027-03-15\n"
DOORS = (
    Door(
        "organisation",
        "organisations",
        ORGANISATIONS_EXAMPLE,
        "Take in organisations: vo sites, mbo institutions, municipalities and regions.",
    ),
    Door(
        "contact",
        "contacts",
        CONTACTS_EXAMPLE,
        "Take in contacts: who does what at which organisation, and who stands in.",
    ),
    Door(
        "staff-absence",
        "staff-absences",
        ABSENCES_EXAMPLE,
        "Take in who is away, at organisations that the sender tells this of. What is not in the file stays.",
    ),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: how it is read, what is done with it, and by whom it may be handed in."""

    columns: FileKind
    command: Callable[..., Any]
    handler: Any
    senders: Collection[Role]


KINDS: Mapping[str, Kind] = {
    "organisations": Kind(ORGANISATIONS, ImportOrganisations, import_organisations, KEEPERS),
    "contacts": Kind(CONTACTS, ImportContacts, import_contacts, KEEPERS),
    "staff-absences": Kind(STAFF_ABSENCES, ImportAbsences, import_absences, TELLERS),
}


async def take_file(request: Request, actor: Actor, kind: str, data: bytes, door: Any = perform) -> StaffResult:
    """Take in a file, or with `preview` as door tell what would become of it; shared by the API and the pages.

    Raises `Forbidden`, and `Invalid` when nothing of it can be used.
    """
    known = KINDS[kind]
    command = known.command(known.columns.read(data))
    result: StaffResult = await carry_out(door, request.app.state.transport, actor, known.handler, command)
    return result


async def _take(request: Request, actor: Actor, kind: str, data: bytes) -> StaffResult:
    return await take_file(request, actor, kind, data)


open_doors(router, DOORS, _take, StaffResult)
