"""The rules of an agreement, in sentences: when each gives a signal, how serious it is, and who hears it."""

from collections.abc import Iterator, Sequence

from services.coordination.domain.world.agreed import Agreement, RuleAction, Stage, Terms
from services.coordination.pages.agreements.words import each_day, one_after_another, school_days, sentence
from services.coordination.pages.words import SEVERITIES
from shared.web.texts import gettext as _
from shared.web.words import action, rule


def told(agreed: Agreement) -> Iterator[tuple[str, Sequence[str]]]:
    """Every rule, and of whom a municipality may hear."""
    for name, terms in agreed.rules.items():
        yield rule(name), list(_rule(terms)) if terms.on else [_("This signal is off.")]
    tracks = ", ".join(agreed.legal_population.tracks)
    yield (
        _("Of whom a municipality may hear before the school year begins"),
        [_("Pupils of: %(tracks)s.", tracks=tracks)],
    )


def _rule(terms: Terms) -> Iterator[str]:
    for stage in terms.stages:
        severity = _(SEVERITIES[stage.severity][0]).lower()
        told = {"when": _when(stage), "severity": severity, "who": one_after_another(stage.route)}
        yield sentence(_("%(when)s: %(severity)s for %(who)s.", **told))
    yield asked(terms.action) if terms.action else _("It asks nothing of anybody yet.")


def _when(stage: Stage) -> str:
    if stage.day:
        return _("from %(day)s", day=each_day(stage.day))
    if stage.within_school_days:
        return _("after %(days)s", days=school_days(stage.within_school_days))
    return _("at once")


def asked(task: RuleAction) -> str:
    """What the first who hears of it must do."""
    if not task.within_school_days:
        return _("Who hears it first must do this: %(action)s.", action=action(task.kind))
    days = school_days(task.within_school_days)
    return _("Who hears it first has %(days)s for this: %(action)s.", days=days, action=action(task.kind))
