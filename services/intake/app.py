"""Composition root of intake: the mbo side."""

from services.intake import api, handlers, pages
from shared.core.settings import Settings
from shared.service import Service


def build(_: Settings) -> Service:
    """The service, without any I/O. It has no settings and no timers of its own."""
    return Service("intake", handlers.handle, (api.router, pages.router))
