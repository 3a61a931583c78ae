"""What the dossier does: commands of people and systems, events of other services, and its one timer."""

from services.dossier.handlers.events import HANDLERS, handle

__all__ = ["HANDLERS", "handle"]
