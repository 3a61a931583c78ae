"""Who may import whom. Layers are a test, not a diagram."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("dossier", "intake", "coordination", "notifications", "signals")

# Layer → what of ours it may import besides itself.
SHARED = {
    "schemas": set(),
    "core": set(),
    "storage": {"core"},
    "messaging": {"core", "storage", "schemas"},
    "web": {"core", "storage", "schemas"},
}
OF_A_SERVICE = {
    "domain": {
        "schemas",
        "core.errors",
        "core.ids",
        "core.links",
        "core.actor",
        "core.reference",
        "core.clock",
        "core.machine",
    },
    "agreement": {"domain", "schemas", "core"},
    "settings": {"core"},
    "store": {"domain", "agreement", "storage", "schemas", "core"},
    "delivery": {"domain", "store", "schemas", "core", "messaging", "storage"},
    "taking": {"handlers", "store", "schemas", "core", "messaging", "storage"},
    "handlers": {"domain", "store", "schemas", "core", "agreement", "storage"},
    "api": {"domain", "handlers", "store", "web", "core", "messaging.outbox", "schemas", "storage", "agreement"},
    "pages": {
        "domain",
        "handlers",
        "store",
        "web",
        "core",
        "messaging.outbox",
        "messaging.uploads",
        "schemas",
        "storage",
        "agreement",
        "api",
    },
}
THIRD_PARTY = {
    "aiokafka": ("shared.messaging", "shared.local"),
    "faststream": ("shared.messaging",),
    "asyncpg": ("shared.storage", "shared.messaging", "store"),
    "fastapi": ("shared.web", "shared.service", "api", "pages"),
    "starlette": ("shared.web", "shared.service", "api", "pages"),
    "aiosmtplib": ("delivery", "shared.operate.doctor"),
    "typer": ("shared.cli",),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of ours, by its dotted name."""
    for folder in ("shared", "services"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """Dotted names of everything a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, layer: str) -> bool:
    return name == layer or name.startswith(layer + ".")


MODULES = dict(modules())


@pytest.mark.parametrize("layer", SHARED)
def test_a_shared_layer_imports_only_the_layers_below_it(layer: str) -> None:
    allowed = {f"shared.{other}" for other in SHARED[layer] | {layer}}
    wrong = [
        f"{name} imports {imported}"
        for name, tree in MODULES.items()
        if within(name, f"shared.{layer}")
        for imported in imports(tree)
        if within(imported, "shared") or within(imported, "services")
        if not any(within(imported, a) for a in allowed)
    ]
    assert not wrong


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_never_imports_another_service(service: str) -> None:
    wrong = [
        f"{name} imports {imported}"
        for name, tree in MODULES.items()
        if within(name, f"services.{service}")
        for imported in imports(tree)
        if within(imported, "services") and not within(imported, f"services.{service}")
    ]
    assert not wrong


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("layer", OF_A_SERVICE)
def test_a_layer_of_a_service_imports_only_what_it_may(service: str, layer: str) -> None:
    own = f"services.{service}"
    allowed = {f"shared.{a}" for a in OF_A_SERVICE[layer]} | {f"{own}.{a}" for a in OF_A_SERVICE[layer] | {layer}}
    wrong = [
        f"{name} imports {imported}"
        for name, tree in MODULES.items()
        if within(name, f"{own}.{layer}")
        for imported in imports(tree)
        if within(imported, "shared") or within(imported, "services")
        if not any(within(imported, a) for a in allowed)
    ]
    assert not wrong


@pytest.mark.parametrize("library", THIRD_PARTY)
def test_a_library_is_used_in_its_own_layer_only(library: str) -> None:
    def may(name: str) -> bool:
        parts = name.split(".")
        return any(
            within(name, place) or (parts[0] == "services" and place in parts[2:3]) for place in THIRD_PARTY[library]
        )

    wrong = [
        f"{name} imports {imported}"
        for name, tree in MODULES.items()
        for imported in imports(tree)
        if within(imported, library) and not may(name)
    ]
    assert not wrong


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_file_names(service: str) -> None:
    for part in ("app", "domain", "handlers", "store", "api", "pages"):
        folder = ROOT / "services" / service
        assert (folder / f"{part}.py").exists() or (folder / part / "__init__.py").exists(), f"{service} lacks {part}"
    assert list((ROOT / "services" / service / "sql").glob("001_*.sql"))
    assert (ROOT / "services" / service / "sql" / "audit.sql").exists()
