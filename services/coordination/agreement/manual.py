"""The rules on paper: what each looks at, and what the agreement that ships makes of it."""

from collections.abc import Iterator

from services.coordination.agreement import load
from services.coordination.domain.rules import RULES
from services.coordination.domain.world.agreed import Stage, Terms

HEAD = (
    "# At-risk rules",
    "",
    "Made from `services/coordination/domain/rules` and `deploy/agreements/default.yaml` by `make docs`; do not edit.",
    "",
    "A rule looks at process facts, never at who somebody is; age and residence decide only who hears it. A rule by",
    "day or school days looks when all input up to that moment is in. A *patient* rule looks only after a minute,",
    "because what is on its way may put it right. Each firing carries its facts, the agreement and its route. Of what",
    "became of a pupil at an institution (*afterwards*) mentor and decaan hear as long as their school hears of single",
    "pupils (`feedback_until`), or has the pupil; who has the pupil hears it when nobody else is left.",
    "",
)


def rules() -> str:
    """Every rule: when it fires, for whom, what it asks, and what clears it."""
    agreement = load()
    lines = [*HEAD, f"Terms of `{agreement.version}`.", ""]
    for name in RULES:
        lines += _rule(name, agreement.rules[name])
    return "\n".join(lines).rstrip() + "\n"


def _rule(name: str, terms: Terms) -> Iterator[str]:
    rule = RULES[name]
    marks = [mark for mark, holds in ((" *Patient.*", rule.patient), (" *Afterwards.*", rule.afterwards)) if holds]
    yield from (f"## {name}", "", f"{rule.fires}{''.join(marks)} Clears: {rule.clears}", "")
    yield from ("| from | severity | who hears it, in order |", "|---|---|---|")
    yield from (f"| {_when(stage)} | {stage.severity.value} | {', '.join(stage.route)} |" for stage in terms.stages)
    yield ""
    if terms.action:
        within = f", within {terms.action.within_school_days} school days" if terms.action.within_school_days else ""
        yield from (f"Asks of the first: `{terms.action.kind}`{within}.", "")


def _when(stage: Stage) -> str:
    if stage.day:
        return stage.day.replace("_", " ")
    return f"after {stage.within_school_days} school days" if stage.within_school_days else "at once"
