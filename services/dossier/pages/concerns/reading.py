"""What the pages about concerns read: concerns with the names that the reader may know."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request

from services.dossier import store
from services.dossier.domain.concerns import Concern
from services.dossier.pages.reading import Names
from services.dossier.store import concerns as kept
from shared.core.actor import Actor
from shared.web.texts import gettext as _
from shared.web.words import ROLES


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who looks at concerns, with the names they may know."""

    actor: Actor
    organisations: Names
    pupils: dict[tuple[str, int], str]
    """Pupil and cohort → name."""

    def pupil(self, concern: Concern) -> str:
        """The name of the pupil, or that it can not be seen here."""
        return self.pupils.get((concern.pupil_ref, concern.cohort)) or _("Pupil whose name you can not see here")

    def raiser(self, concern: Concern) -> str:
        """Who raised it: role and organisation, and the name of a colleague."""
        own = concern.organisation == self.actor.organisation
        person = self.organisations.person(concern.organisation, concern.person_ref) if own else None
        role = _(ROLES.get(concern.raised_by, concern.raised_by))
        return ", ".join(filter(None, (person, role, self.organisations.organisation(concern.organisation))))

    def route(self, concern: Concern) -> str:
        """For whom it is meant, in words."""
        roles = ", ".join(_(ROLES.get(role, role)) for role in concern.route)
        if concern.mbo_institution and concern.mbo_institution != self.actor.organisation:
            return f"{roles} ({self.organisations.organisation(concern.mbo_institution)})"
        return roles

    def colleague(self, ref: str | None) -> str:
        """Somebody of the own organisation, by name where it is known."""
        if ref is not None and ref == self.actor.person_ref:
            return _("Yourself")
        return self.organisations.person(self.actor.organisation, ref) or _("Somebody not in the list")


async def reader(request: Request, actor: Actor, concerns: Sequence[Concern]) -> Reader:
    """The names behind these concerns."""
    places = {place for one in concerns for place in (one.organisation, one.vo_site, one.mbo_institution) if place}
    pupils = {(one.pupil_ref, one.cohort) for one in concerns}
    async with request.app.state.database.as_actor(actor) as conn:
        organisations = Names(await store.organisations(conn, {actor.organisation, *places}))
        return Reader(actor, organisations, await kept.names(conn, sorted(pupils)))
