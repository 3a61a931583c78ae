"""Composition root of intake: the mbo side."""

from services.intake import api, handlers, pages
from services.intake.domain.absence import ABSENCE
from services.intake.domain.enrolment import ENROLMENT
from services.intake.domain.intake import INTAKE
from services.intake.domain.switch import SWITCH
from shared.core.settings import Settings
from shared.messaging import uploads
from shared.service import Service


def build(_: Settings) -> Service:
    """The service, without any I/O. It has no settings of its own."""
    return Service(
        "intake",
        handlers.handle,
        (api.router, pages.router),
        {uploads.FORGET: uploads.forget},
        machines=(INTAKE, ENROLMENT, SWITCH, ABSENCE),
    )
