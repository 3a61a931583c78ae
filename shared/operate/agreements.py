"""`overstap agreement`: check a regional agreement, adopt it, and take open transitions over to a version."""

from importlib import import_module
from pathlib import Path
from typing import Any

from shared.core.settings import Settings
from shared.operate.doors import as_operator
from shared.operate.show import Teller

API = "/coordination/api/v1/agreements"


def check(path: Path, say: Teller) -> int:
    """Whether an agreement could be adopted as far as its text goes. Raises `Invalid` with every fault at once."""
    agreed = _read(path)
    on = [name for name, terms in agreed.rules.items() if terms.on]
    told = {"version": agreed.version, "region": agreed.region, "valid_from": agreed.valid_from, "rules": on}
    say.result(told, f"{agreed.version}: valid from {agreed.valid_from}, {len(on)} of {len(agreed.rules)} rules are on")
    return 0


async def adopt(settings: Settings, path: Path, say: Teller) -> int:
    """Let the region that a file names adopt it; transitions that are open stay on the version they have."""
    _read(path)
    answer = await _post(settings, API, content=path.read_bytes(), content_type="application/yaml")
    say.result(answer, f"{answer['version']} is adopted")
    return 0


async def move(settings: Settings, region: str, old: str, new: str, say: Teller) -> int:
    """Take the open transitions of a region that stay on one version over to another."""
    answer = await _post(settings, f"{API}/{new}/transitions", json={"region": region, "from_version": old})
    say.result(answer, f"{answer['transitions']} transitions of region {region} go on under {new}")
    return 0


def _read(path: Path) -> Any:
    return import_module("services.coordination.agreement").load(path)


async def _post(settings: Settings, path: str, content_type: str | None = None, **body: Any) -> dict[str, Any]:
    headers = {"content-type": content_type} if content_type else {}
    return await as_operator(settings, "POST", path, headers=headers, **body)
