"""Composition root of intake: the mbo side."""

from services.intake import api, handlers, pages
from services.intake.domain.absence import ABSENCE
from services.intake.domain.enrolment import ENROLMENT
from services.intake.domain.intake import INTAKE
from services.intake.domain.switch import SWITCH
from services.intake.handlers.chain import shadows
from services.intake.taking import take_exports
from shared.core.settings import Settings
from shared.messaging import uploads
from shared.service import Service


def build(_: Settings) -> Service:
    """The service, without any I/O. It has no settings of its own."""
    timers = {uploads.FORGET: uploads.forget, shadows.LINK: shadows.on_link}
    routers = api.router, pages.router
    machines = INTAKE, ENROLMENT, SWITCH, ABSENCE
    return Service("intake", handlers.handle, routers, timers, (take_exports,), machines)
