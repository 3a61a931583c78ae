"""An example of every event: made up, readable, and valid. One file per event, beside this one."""

import json
from pathlib import Path
from typing import Any

from shared.schemas.catalog import MODELS
from shared.schemas.coordination import NormsAgreed, norms_subject

FOLDER = Path(__file__).parent
PUPIL = "k3vq7zj2mxa5rt4wbn6yhd2csu"
"""The pupil of the examples; nobody."""


def examples() -> dict[str, dict[str, Any]]:
    """Name of the model → the data of an example, as it stands on the wire."""
    return {name: example(name) for name in sorted(MODELS)}


def example(short: str) -> dict[str, Any]:
    """The data of the example of this event."""
    data: dict[str, Any] = json.loads((FOLDER / f"{short}.json").read_text(encoding="utf-8"))
    return data


def subject(short: str) -> str:
    """The `subject` of the example of this event: an organisation, a region or its norms, a service or the pupil."""
    data = example(short)
    if short == NormsAgreed.TYPE:
        return norms_subject(data["region"])
    named = {
        "contact-recorded": "organisation",
        "organisation-silent": "organisation",
        **dict.fromkeys(("task-opened", "task-overdue", "task-done"), "organisation"),
        "agreement-adopted": "region",
        "snapshot-published": "region",
        "heads-announced": "publisher",
    }
    return str(data[named[short]]) if short in named else PUPIL
