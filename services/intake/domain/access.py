"""Who may do something at an mbo institution."""

import re

from shared.core.actor import Actor, Role
from shared.core.errors import Forbidden

_BRIN = re.compile(r"[0-9]{2}[A-Z0-9]{2}")
WRITERS = frozenset({Role.INTAKER, Role.INTAKE_COORDINATOR, Role.SCHOOL_SYSTEM})
FOLLOWERS = frozenset({Role.SLBER, Role.INTAKE_COORDINATOR, Role.SCHOOL_SYSTEM})
"""Who keeps track of students once they are enrolled."""
READERS = WRITERS | {Role.SLBER}


def check_access(actor: Actor, roles: frozenset[Role]) -> None:
    """Raise `Forbidden` unless the actor has one of these roles at an mbo institution."""
    if actor.role not in roles or not _BRIN.fullmatch(actor.organisation):
        raise Forbidden(f"the role {actor.role} of {actor.organisation} may not do this")
