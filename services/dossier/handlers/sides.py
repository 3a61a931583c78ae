"""On which side of the overstap somebody stands: told by role and by the form of the organisation's code."""

from services.dossier.domain.handover import Side
from shared.core.actor import MBO_ROLES, VO_ROLES, Actor, Role
from shared.core.errors import Forbidden

VO_SITE_LENGTH, BRIN_LENGTH = 6, 4


def side_of(actor: Actor) -> Side | None:
    """``vo``, ``mbo`` or None: neither."""
    if actor.role in VO_ROLES and len(actor.organisation) == VO_SITE_LENGTH:
        return "vo"
    if actor.role in MBO_ROLES and len(actor.organisation) == BRIN_LENGTH:
        return "mbo"
    return None


def require_side(actor: Actor, side: Side, *roles: Role) -> None:
    """Raise `Forbidden` unless the actor stands on this side, in one of these roles when any is named."""
    if side_of(actor) != side or (roles and actor.role not in roles):
        raise Forbidden(f"this is for the {side} side")
