"""What the pages about talks read: talks with the names that the reader may know."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request

from services.dossier import store
from services.dossier.domain.talks import Talk
from services.dossier.handlers.sides import side_of
from services.dossier.pages.reading import Names
from services.dossier.store import talks as kept
from shared.core.actor import Actor
from shared.core.errors import Forbidden, NotFound
from shared.web.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who looks at talks, with the names they may know."""

    actor: Actor
    organisations: Names
    pupils: dict[str, str]
    """Talk → name of the pupil."""

    def pupil(self, talk: Talk) -> str:
        """The name of the pupil, or that it is no longer to be seen."""
        return self.pupils.get(talk.talk_id) or _("Pupil whose name you can no longer see")

    def other(self, talk: Talk) -> str:
        """The organisation on the other side."""
        code = talk.mbo_institution if self.actor.organisation == talk.vo_site else talk.vo_site
        return self.organisations.organisation(code)

    def person(self, organisation: str, ref: str | None) -> str | None:
        """Somebody by name; None: nobody is named."""
        if ref is None:
            return None
        me = (organisation, ref) == (self.actor.organisation, self.actor.person_ref)
        return self.organisations.person(organisation, ref) or (_("Yourself") if me else _("Somebody not in the list"))

    def people(self, organisation: str) -> list[tuple[str, str]]:
        """Whom one can choose of an organisation: its contacts, and the reader."""
        found = self.organisations.organisations.get(organisation)
        known = dict(found.contacts) if found else {}
        if organisation == self.actor.organisation and self.actor.person_ref:
            known.setdefault(self.actor.person_ref, _("Yourself"))
        return sorted(known.items(), key=lambda one: one[1])


async def reader(request: Request, actor: Actor, talks: Sequence[Talk]) -> Reader:
    """The names behind these talks."""
    codes = {actor.organisation, *(code for talk in talks for code in (talk.vo_site, talk.mbo_institution))}
    async with request.app.state.database.as_actor(actor) as conn:
        organisations = Names(await store.organisations(conn, codes))
        return Reader(actor, organisations, await kept.names(conn, [talk.talk_id for talk in talks]))


async def held(request: Request, actor: Actor, talk_id: str) -> Talk:
    """A talk of the reader's organisation; `NotFound` otherwise."""
    if side_of(actor) is None:
        raise Forbidden("neither the school nor the institution")
    async with request.app.state.database.as_actor(actor) as conn:
        talk = await kept.talk(conn, talk_id, actor.organisation)
    if talk is None:
        raise NotFound("no such talk")
    return talk
