"""How somebody stands to a pupil, for the table of who may read what."""

from services.dossier import store
from services.dossier.domain.access import Reader, may_read
from services.dossier.domain.pupils import Pupil
from services.dossier.handlers.sides import require_side
from shared.core.actor import Actor
from shared.core.errors import Forbidden, NotFound
from shared.storage.pool import Connection


def of_school(actor: Actor, pupil: Pupil) -> Reader:
    """A member of the pupil's school."""
    mentor = actor.person_ref is not None and actor.person_ref in (pupil.mentor, pupil.deputy)
    return Reader("school", actor.role, mentor=mentor)


def of_institution(actor: Actor) -> Reader:
    """A member of an institution."""
    return Reader("institution", actor.role)


def may_see(actor: Actor, pupil: Pupil, category: str) -> bool:
    """Whether a member of the school may read and write what it has about this category of this pupil."""
    return may_read(of_school(actor, pupil), None, category).allowed


def require_sight(actor: Actor, pupil: Pupil, category: str) -> None:
    """Raise `Forbidden` unless they may."""
    if not may_see(actor, pupil, category):
        raise Forbidden("the care part is for who has that task, and for the pupil's own mentor")


async def own_pupil(conn: Connection, actor: Actor, ref: str, cohort: int | None) -> Pupil:
    """A pupil of the actor's school, in this cohort or the newest. Raises `NotFound` when it is none of theirs."""
    require_side(actor, "vo")
    found = await store.pupils(conn, actor.organisation, cohort, ref)
    if not found:
        raise NotFound("no such pupil")
    return found[0]
