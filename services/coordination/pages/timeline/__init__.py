"""One pupil across organisations: the whole story in order, in plain Dutch.

For the custodian and the school of origin, while the transition is open; an officer who must act reads all of it too, a
school or institution that only has something to do reads what concerns itself (`api/timeline.py`). When a transition is
closed nobody has a task in it, so nobody reads it; when it goes on, its whole story is there again.
"""

from collections import Counter
from itertools import groupby
from typing import Annotated, Any

from babel.dates import format_date
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.coordination.api.timeline import readable
from services.coordination.domain.story import Happening, Kind
from services.coordination.pages import naming, words
from services.coordination.pages.timeline import sentences
from services.coordination.store import views
from services.coordination.store.stories import Story
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.web.auth import page_actor
from shared.web.pages import render
from shared.web.texts import LANGUAGE
from shared.web.texts import gettext as _

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]
OLDEST_FIRST = "old"


@router.get("/pupils/{ref}/timeline")
async def show(
    ref: str, request: Request, actor: Person, kind: Annotated[list[str] | None, Query()] = None, order: str = ""
) -> Response:
    """What happened, the newest first unless asked otherwise; of some kinds, or all."""
    found = await readable(request, actor, ref)
    codes, people = sentences.mentioned(h for story in found for h in story.happenings)
    codes |= {code for story in found for code in (story.holder, story.origin) if code}
    async with request.app.state.database.as_actor(actor) as conn:
        names = await naming.organisations(conn, codes) | await views.people(conn, sorted(people))
    chosen = [code for code in kind or [] if code in set(Kind)]
    counted = Counter(h.kind for story in found for h in story.happenings)
    return render(
        request,
        "coordination/timeline.html",
        ref=ref,
        name=found[0].name,
        stories=[_shown(story, names, chosen, order) for story in found],
        kinds=[(code.value, _(text), counted[code]) for code, text in sentences.KINDS.items()],
        chosen=chosen,
        order=order,
        words=words.EVERYTHING,
    )


def _shown(story: Story, names: dict[str, str], chosen: list[str], order: str) -> dict[str, Any]:
    happenings = [h for h in story.happenings if not chosen or h.kind in chosen]
    if order != OLDEST_FIRST:
        happenings.reverse()
    return {
        "cohort": story.cohort,
        "position": story.position,
        "holder": names[story.holder],
        "origin": names.get(story.origin or ""),
        "months": [
            (month, [sentences.shown(one, names) for one in of_month])
            for month, of_month in groupby(happenings, _month)
        ],
    }


def _month(one: Happening) -> str:
    """``april 2027``"""
    return format_date(civil_date(one.at), "MMMM y", locale=LANGUAGE)
