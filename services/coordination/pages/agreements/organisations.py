"""What organisations must see to: that they are heard of, and that somebody is present. In sentences."""

from collections.abc import Iterator, Sequence

from services.coordination.domain.world.agreed import Agreement
from services.coordination.pages.agreements.words import KINDS, party, school_days
from shared.web.texts import gettext as _


def told(agreed: Agreement) -> Iterator[tuple[str, Sequence[str]]]:
    """How long an organisation may be silent, and in which roles somebody must be present there."""
    silence, vacancies = agreed.silence, agreed.vacancies
    allowed = [
        _("%(where)s: nothing heard for %(days)s at most.", where=_(KINDS[kind]), days=school_days(days))
        for kind, days in silence.allowed_school_days.items()
    ]
    why = _("Who coordinates has %(days)s to find out why.", days=school_days(silence.within_school_days))
    yield _("When nothing is heard"), [*allowed, why] if allowed else [_("Nobody looks at that.")]
    roles = [
        _("%(where)s: %(who)s.", where=_(KINDS[kind]), who=", ".join(map(party, roles)))
        for kind, roles in vacancies.roles.items()
    ]
    find = _("Who coordinates has %(days)s to find somebody.", days=school_days(vacancies.within_school_days))
    yield _("Where somebody must be present"), [*roles, find] if roles else [_("Nobody looks at that.")]
