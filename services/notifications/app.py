"""Composition root of notifications: how a person hears of a signal, and whether they did."""

from services.notifications import api, handlers, pages
from services.notifications.delivery import deliver_mail
from services.notifications.domain.alerts import ALERT
from shared.core.settings import Settings
from shared.service import Service


def build(_settings: Settings) -> Service:
    """Everything notifications is made of."""
    return Service(
        handlers.SERVICE,
        handle=handlers.handle,
        routers=(api.router, pages.router),
        tasks=(deliver_mail,),
        machines=(ALERT,),
    )
