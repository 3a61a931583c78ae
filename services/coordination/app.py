"""The composition root of coordination."""

from services.coordination import api, pages
from services.coordination.agreement import manual
from services.coordination.domain.casetable import CASE_TABLE
from services.coordination.domain.offers import CUSTODY_OFFER
from services.coordination.domain.position import POSITION, TRANSITION
from services.coordination.domain.rules.signal import SIGNAL
from services.coordination.handlers.audit import compare, compare_children
from services.coordination.handlers.casetables import CLOSES, close_in_time
from services.coordination.handlers.events import TIMERS, handle, on_timers
from services.coordination.handlers.partners import LOOK, LOOK_NOW, look
from services.coordination.handlers.presence import NEW_DAY, new_day
from shared.core.settings import Settings
from shared.service import Service


def build(_settings: Settings) -> Service:
    """The service, without any I/O."""
    return Service(
        "coordination",
        handle=handle,
        routers=(api.router, pages.router),
        timers={
            **dict.fromkeys(TIMERS, on_timers),
            CLOSES: close_in_time,
            NEW_DAY: new_day,
            LOOK: look,
            LOOK_NOW: look,
        },
        machines=(POSITION, TRANSITION, CUSTODY_OFFER, SIGNAL, CASE_TABLE),
        audits=(compare, compare_children),
        documents={"rules.md": manual.rules()},
    )
