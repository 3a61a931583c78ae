"""Where a pupil is: the stages of the road with date and organisation, honest about what nobody has told."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.dossier.domain.progress import Milestone, Stage
from services.dossier.pages.reading import Card, Names
from shared.schemas.dossiers import HandoverStatus
from shared.web.texts import gettext as _
from shared.web.texts import in_words, marked

STAGES = {
    Stage.CHOSEN: (marked("Chosen"), marked("Not yet")),
    Stage.APPLIED: (marked("Applied"), marked("No institution has told this")),
    Stage.PLACED: (marked("Placed"), marked("No institution has told this")),
    Stage.HANDED_OVER: (marked("Handed over"), marked("Not yet")),
    Stage.ENROLLED: (marked("Enrolled"), marked("No institution has told this")),
    Stage.STARTED: (marked("Started"), marked("No institution has told this")),
}
"""Stage → its name, and what stands there as long as it is not reached: what the school does itself it knows, what
institutions do it knows only when they tell it."""

OWN = frozenset({Stage.CHOSEN, Stage.HANDED_OVER})
"""What the school does itself."""


def stages(card: Card, reached: Mapping[Stage, Milestone], names: Names, today: date) -> list[dict[str, Any]]:
    """The steps for the template. Once the school no longer hears of the pupil it is told so."""
    until = card.followed_until
    refused = any(one.status is HandoverStatus.REFUSED for one in card.handovers)
    items = []
    for stage, (title, absent) in STAGES.items():
        milestone = reached.get(stage)
        hidden = today > until and stage not in OWN
        if stage is Stage.HANDED_OVER and refused:
            absent = marked("Refused")
        text = _("Not shown to the school after %(day)s", day=in_words(until)) if hidden else _(absent)
        where = ", ".join(names.organisation(code) for code in milestone.institutions if code) if milestone else ""
        items.append({"title": _(title), "at": milestone.at if milestone else None, "text": where or text})
    return items
