"""One pupil: who is responsible and since when, what is next, and which signals there are on which facts."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.coordination.api import close_action
from services.coordination.api.signals import dismiss_signal
from services.coordination.domain.offers import ANSWERERS
from services.coordination.handlers.world import dates
from services.coordination.pages import naming, words
from services.coordination.pages.worklist import school_days
from services.coordination.store import offers, views
from services.coordination.store.views import TransitionRow
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.schemas.vocabulary import codes
from shared.storage.pool import Connection
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import in_words, moment
from shared.web.words import ROLES

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]


class DoneForm(BaseModel):
    """Why somebody closes an action."""

    model_config = ConfigDict(extra="forbid")

    reason: Literal["done", "spoken", "arranged", "not-needed", "not-reached"]


class DismissForm(BaseModel):
    """Why somebody dismisses a signal."""

    model_config = ConfigDict(extra="forbid")

    reason: Literal["known-already", "arranged", "facts-wrong", "does-not-apply"]


@router.get("/pupils/{ref}")
async def show(ref: str, request: Request, actor: Person) -> Response:
    """The open transitions of a pupil, for the custodian and for who has something to do."""
    now = request.app.state.clock.now()
    async with request.app.state.database.as_actor(actor) as conn:
        found = await views.transitions(conn, ref, actor.organisation)
        if not found:
            raise NotFound
        names, known = await _names(conn, found), await dates(conn)
        notes = await offers.notes_of(conn, ref, actor.organisation)
    days = partial(school_days, now=now, dates=known)
    return render(
        request,
        "coordination/pupil.html",
        ref=ref,
        name=found[0].name,
        transitions=[_shown(transition, names, actor, now, days) for transition in found],
        reasons=[(code, _(text)) for code, text in words.REASONS.items()],
        returns=codes.CUSTODY_RETURNS.codes,
        notes=notes,
        words=words.EVERYTHING,
    )


@router.post("/actions/{action_id}/done")
async def done(action_id: str, request: Request, actor: Person) -> Response:
    """Close an action of the own organisation."""
    form = parse(DoneForm, await request.form())
    await close_action(request, actor, action_id, form.reason)
    return redirect(request, "/coordination/", _("The action is closed. What is still needed is on the list."))


@router.post("/signals/{risk_id}/dismiss")
async def dismiss(risk_id: str, request: Request, actor: Person) -> Response:
    """Say that a signal needs nobody."""
    form = parse(DismissForm, await request.form())
    await dismiss_signal(request, actor, risk_id, form.reason)
    return redirect(request, "/coordination/", _("The signal is dismissed. It comes back when it grows more serious."))


def _shown(
    transition: TransitionRow, names: dict[str, str], actor: Actor, now: datetime, days: Callable[[Any], int]
) -> dict[str, Any]:
    actions = [
        action
        | {
            "who": said(action, names),
            "days": days(action),
            "opens": action["window_from"] if action["window_from"] and action["window_from"] > now else None,
            "next": action["action_id"] == transition.next_action,
            "mine": action["open"] and action["organisation"] == actor.organisation,
        }
        for action in transition.actions
    ]
    return {
        "cohort": transition.cohort,
        "position": transition.position,
        "origin": names.get(transition.origin or ""),
        "holder": said(transition.custody[-1], names),
        "next": next(action for action in actions if action["next"]),
        "open": [action for action in actions if action["open"]],
        "closed": [action for action in actions if not action["open"]],
        "custody": _timeline(transition, names),
        "risks": [_risk(risk, names, actor) for risk in transition.risks],
        "offers": [_offer(offer, names, actor, now) for offer in transition.offers],
    }


def _offer(offer: dict[str, Any], names: dict[str, str], actor: Actor, now: datetime) -> dict[str, Any]:
    """Who is to take the pupil on, and how far that is."""
    asked = offer["state"] in ("offered", "in_effect")
    ours = offer["organisation"] == actor.organisation and actor.role in ANSWERERS
    return offer | {
        "to": said(offer, names),
        "why": codes.SITUATIONS.codes.get(offer["situation"], offer["situation"]),
        "reason": codes.CUSTODY_RETURNS.codes.get(offer["reason"] or "", offer["reason"]),
        "late": offer["state"] == "offered" and offer["answer_by"] < now,
        "mine": asked and ours,
    }


def _timeline(transition: TransitionRow, names: dict[str, str]) -> list[dict[str, Any]]:
    """Who had the pupil, the present one first."""
    return [
        {
            "title": names[start["organisation"]],
            "at": start["since"],
            "who": said(start | {"organisation": ""}, names),
            "text": _("Deputy: %(name)s", name=names[start["deputy"]]) if start["deputy"] in names else "",
        }
        for start in reversed(transition.custody)
    ]


def _risk(risk: dict[str, Any], names: dict[str, str], actor: Actor) -> dict[str, Any]:
    mine = not risk["cleared_at"] and any(who["organisation"] == actor.organisation for who in risk["route"][:1])
    return risk | {
        "facts": facts_of(risk["evidence"], names),
        "heard_by": [said(who, names) for who in risk["route"]],
        "mine": mine,
    }


def facts_of(evidence: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The facts on which a signal rests, each with its value, as a person reads them."""
    told = [fact for fact in evidence if fact["fact"] not in words.KEYS]
    return [(_(words.FACTS.get(fact["fact"], fact["fact"])), _value_of(fact, names)) for fact in told]


def _value_of(fact: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """A fact as a person reads it: a moment, a date, a name, or the value itself."""
    if fact.get("at"):
        return moment(datetime.fromisoformat(fact["at"]))
    value = fact.get("value") or ""
    if fact["fact"].endswith("-date"):
        return in_words(datetime.fromisoformat(value).date())
    return words.CODES.get(fact["fact"], names).get(value, value) or _("yes")


def said(who: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """A person when it is known who, their role, and the organisation."""
    role = _(ROLES.get(who["role"], who["role"]))
    parts = (names.get(who["contact"] or ""), role, names.get(who["organisation"]))
    return ", ".join(part for part in parts if part)


async def _names(conn: Connection, found: Iterable[TransitionRow]) -> dict[str, str]:
    """Names of every organisation and person that is mentioned."""
    posts = [
        who
        for transition in found
        for who in (*transition.custody, *transition.actions, *(who for r in transition.risks for who in r["route"]))
    ]
    posts += [offer for transition in found for offer in transition.offers]
    values = {
        fact["value"] for t in found for r in t.risks for fact in r["evidence"] if fact["fact"] in words.ORGANISATIONS
    }
    codes = {who["organisation"] for who in posts} | {t.origin for t in found if t.origin} | values
    people = {ref for who in posts for ref in (who["contact"], who["deputy"]) if ref}
    return await naming.organisations(conn, codes) | await views.people(conn, sorted(people))
