"""The holidays with who is on duty in them, and what the region wants to reach: in sentences."""

from collections.abc import Iterator, Mapping, Sequence

from services.coordination.domain.world.agreed import Agreement, Duty, OnDuty
from services.coordination.pages.agreements.words import FIGURES, each_day, holiday, party, sentence
from shared.web.texts import gettext as _
from shared.web.texts import in_words

Told = Iterator[tuple[str, Sequence[str]]]


def mentioned(agreed: Agreement) -> tuple[set[str], set[str]]:
    """Organisations and people whom an agreement names."""
    named = [one for one in (*agreed.duty.values(), *agreed.roster.values()) if isinstance(one, OnDuty)]
    return {one.organisation for one in named}, {one.person for one in named if one.person}


def duty(agreed: Agreement, names: Mapping[str, str]) -> Told:
    """Every holiday: when it is, where that differs from the zone, and who looks after pupils without a place."""
    own: dict[str, list[str]] = {}
    for one in agreed.holidays:
        days = {"first": in_words(one.first), "last": in_words(one.last), "source": one.source}
        own.setdefault(one.name, []).append(_("From %(first)s to %(last)s (%(source)s).", **days))
    for name, who in agreed.duty.items():
        yield holiday(name), [*own.get(name, ()), sentence(_who(who, names)) + "."]
    if agreed.roster:
        weeks = sorted(agreed.roster.items())
        told = [_("Week of %(day)s: %(who)s.", day=in_words(monday), who=_who(who, names)) for monday, who in weeks]
        yield _("Roster of the weeks"), told


def _who(on_duty: Duty, names: Mapping[str, str]) -> str:
    match on_duty:
        case OnDuty():
            where, role = names.get(on_duty.organisation, on_duty.organisation), party(on_duty.role)
            person = f", {names.get(on_duty.person, on_duty.person)}" if on_duty.person else ""
            return f"{role}, {where}{person}"
        case "school":
            return _("the school itself")
        case "roster":
            return _("who stands on the roster for the week")
    return party("officer")


def norms(agreed: Agreement) -> Told:
    """So many per cent on a day, and from which number on groups are shown."""
    told = [
        _(
            "%(n)s%% of the pupils on %(day)s: %(figure)s.",
            n=norm.percentage,
            day=each_day(norm.day),
            figure=_figure(norm.figure),
        )
        for norm in agreed.norms
    ]
    yield _("Norms"), told or [_("No norms were agreed on.")]
    shown = _("Groups of %(n)s pupils or fewer are not shown.", n=agreed.small_number)
    yield _("Small groups"), [shown]


def _figure(code: str) -> str:
    return _(FIGURES[code]) if code in FIGURES else code
