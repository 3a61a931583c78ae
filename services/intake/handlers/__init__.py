"""What changes the state of intake: one file per subject; `events.HANDLERS` lists what is heard of others."""

from services.intake.handlers.events import HANDLERS, handle

__all__ = ["HANDLERS", "handle"]
