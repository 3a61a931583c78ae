"""What one agreement would have meant beside another, for the same year: alerts, signals and custody, counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.core.clock import civil_date
from shared.schemas.coordination import ActionOverdue, Custodian, CustodyChanged, StudentAtRisk
from shared.schemas.envelope import Draft

Desk = tuple[str, str]
"""An organisation and a role in it: where work lands."""
Week = tuple[int, int]
"""ISO year and week."""
Fired = tuple[str, str, str]
"""Reference, key of a signal, severity."""


@dataclass(frozen=True)
class Lived:
    """What a child lived through under one agreement."""

    alerts: Counter[tuple[Desk, Week]]
    held: frozenset[Desk]
    signals: Mapping[Fired, tuple[str, datetime]]
    """When each signal was first given with this severity, and by which rule."""


def lived(drafts: Iterable[Draft]) -> Lived:
    """Count what was told. An alert goes to everybody on the route of a signal, once per organisation and role, and to
    who gets an action that was not done in time."""
    alerts: Counter[tuple[Desk, Week]] = Counter()
    held: set[Desk] = set()
    told: set[tuple[object, ...]] = set()
    signals: dict[Fired, tuple[str, datetime]] = {}
    for draft in drafts:
        data, at = draft.data, draft.at
        assert at
        if isinstance(data, CustodyChanged):
            held.add(_desk(data.holder))
        elif isinstance(data, ActionOverdue):
            alerts[_desk(data.owner), _week(at)] += 1
        elif isinstance(data, StudentAtRisk) and (data.risk_id, data.severity, data.fired_at) not in told:
            told.add((data.risk_id, data.severity, data.fired_at))
            alerts.update((desk, _week(at)) for desk in {_desk(one) for one in data.route})
            signals.setdefault((draft.subject, data.risk_id, data.severity.value), (data.rule, at))
    return Lived(alerts, frozenset(held), signals)


def _desk(who: Custodian) -> Desk:
    return who.organisation, who.role


def _week(at: datetime) -> Week:
    year, week, _ = civil_date(at).isocalendar()
    return year, week


@dataclass
class Side:
    """What lands where under one agreement."""

    alerts: Counter[tuple[Desk, Week]] = field(default_factory=Counter)
    held: Counter[Desk] = field(default_factory=Counter)
    """Children that each ever had."""

    def add(self, child: Lived) -> None:
        self.alerts.update(child.alerts)
        self.held.update(child.held)

    def weeks(self, desk: Desk) -> dict[Week, int]:
        """Alerts per week, of one organisation in a role."""
        return {week: n for (whose, week), n in self.alerts.items() if whose == desk}


@dataclass
class Moved:
    """What becomes of the signals of one rule with one severity."""

    days: Counter[int] = field(default_factory=Counter)
    """Days later (negative: earlier) → signals; 0: the same day."""
    new: int = 0
    gone: int = 0


@dataclass
class Comparison:
    """The same year under two agreements. What is kept does not grow with the number of children."""

    children: int = 0
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    signals: dict[tuple[str, str], Moved] = field(default_factory=dict)
    """Rule and severity → what becomes of them."""

    def add(self, before: Lived, after: Lived) -> None:
        """One more child."""
        self.children += 1
        self.before.add(before)
        self.after.add(after)
        for key in {**before.signals, **after.signals}:
            rule, at = before.signals.get(key) or after.signals[key]
            moved = self.signals.setdefault((rule, key[2]), Moved())
            if key not in after.signals:
                moved.gone += 1
            elif key not in before.signals:
                moved.new += 1
            else:
                moved.days[(civil_date(after.signals[key][1]) - civil_date(at)).days] += 1

    @property
    def desks(self) -> list[Desk]:
        """Everywhere where anything lands under either agreement."""
        return sorted(
            {desk for side in (self.before, self.after) for desk in {*(d for d, _ in side.alerts), *side.held}}
        )

    @property
    def same(self) -> bool:
        """Whether the two agreements make no difference to anybody."""
        moved = any(m.new or m.gone or set(m.days) - {0} for m in self.signals.values())
        return not moved and self.before == self.after
