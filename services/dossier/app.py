"""The dossier, put together."""

from services.dossier import api, handlers, pages
from shared.core.settings import Settings
from shared.messaging import uploads
from shared.service import Service


def build(_settings: Settings) -> Service:
    """The service of the vo side, and of the handover for both sides. No I/O."""
    return Service("dossier", handlers.handle, (api.router, pages.router), {uploads.FORGET: uploads.forget})
