"""The dossier, put together."""

from collections.abc import Mapping
from datetime import datetime

from services.dossier import api, handlers, pages
from services.dossier.domain.concerns import CONCERN
from services.dossier.domain.handover import HANDOVER
from services.dossier.domain.pupils import CHOICE
from services.dossier.domain.routes import ROUTE
from services.dossier.domain.talks import TALK
from services.dossier.handlers.feedback import FIGURES, make_figures
from services.dossier.handlers.identity import EraseAgain
from services.dossier.handlers.identity import erase_again as again
from shared.core.actor import Actor, Role
from shared.core.settings import Settings
from shared.messaging import uploads
from shared.messaging.outbox import Transport, perform
from shared.service import Service


def build(_settings: Settings) -> Service:
    """The service of the vo side, and of the handover for both sides. No I/O."""
    return Service(
        "dossier",
        handlers.handle,
        (api.router, pages.router),
        {uploads.FORGET: uploads.forget, FIGURES: make_figures},
        machines=(CHOICE, HANDOVER, TALK, ROUTE, CONCERN),
    )


async def erase_again(transport: Transport, moments: Mapping[str, datetime]) -> int:
    """The operator's entrance after a restore: erase who was erased since; returns the number of references."""
    return int(await perform(transport, Actor("overstap", Role.OPERATOR, "operator"), again, EraseAgain(moments)))
