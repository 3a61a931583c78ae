"""Who may do what at the doors of intake."""

import re

from shared.core.actor import Actor, Role
from shared.core.errors import Forbidden

WRITERS = frozenset({Role.INTAKER, Role.INTAKE_COORDINATOR, Role.SCHOOL_SYSTEM})
READERS = WRITERS | {Role.SLBER}
_BRIN = re.compile(r"[0-9]{2}[A-Z0-9]{2}")


def check(actor: Actor, roles: frozenset[Role]) -> None:
    """Raise `Forbidden` unless the actor has one of these roles at an mbo institution."""
    if actor.role not in roles or not _BRIN.fullmatch(actor.organisation):
        raise Forbidden(f"the role {actor.role} of {actor.organisation} may not do this")
