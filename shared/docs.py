"""Writes the documents that are made from the code, such as settings, events, machines and APIs. A test compares."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from shared.core import metrics
from shared.core.logging import LOG_EVENTS
from shared.core.machine import Machine
from shared.core.reference.manual import manual as reference
from shared.core.settings import Settings, manual
from shared.schemas import release
from shared.schemas.catalog import EVENTS, MODELS, OLDER, TOPICS, published_on
from shared.schemas.contract.asyncapi import Installation, document
from shared.schemas.envelope import EventData
from shared.service import load
from shared.web.api.document import document as openapi_of
from shared.web.api.router import Api

DOCS = Path(__file__).parents[1] / "docs"


def documents() -> Mapping[str, str]:
    """File name under docs/ → its text."""
    return {
        "settings.md": manual(),
        "log-events.md": log_events(),
        "metrics.md": metrics.manual(),
        "reference.md": reference(),
        "events.md": events(),
        "state-machines.md": state_machines(),
        "asyncapi.yaml": asyncapi(),
        **openapi(),
        **{name: text for service in load(Settings(_env_file=None)) for name, text in service.documents.items()},
    }


def openapi() -> Mapping[str, str]:
    """The API of every service, as its web process serves it."""
    services = load(Settings(_env_file=None))
    apis = {service.name: api for service in services for api in service.routers if isinstance(api, Api)}
    made = {name: json.dumps(openapi_of(name, api), indent=2, ensure_ascii=False) for name, api in apis.items()}
    return {f"openapi/{name}.json": f"{text}\n" for name, text in made.items()}


def log_events() -> str:
    """Every event a process can log, with its keys."""
    rows = [f"| `{name}` | {meaning} |" for name, meaning in sorted(LOG_EVENTS.items())]
    head = ["# Log events", "", "Made from `shared/core/logging.py` by `make docs`; do not edit.", ""]
    return "\n".join([*head, "| event | meaning and keys |", "|---|---|", *rows]) + "\n"


def state_machines() -> str:
    """The table and the picture of every state machine."""
    head = ["# State machines", "", "Made from the tables in `services/*/domain/` by `make docs`; do not edit.", ""]
    sections = [
        "\n".join(_machine(service.name, machine))
        for service in load(Settings(_env_file=None))
        for machine in service.machines
    ]
    return "\n".join(head) + "\n" + "\n".join(sections)


def _machine(service: str, machine: Machine) -> list[str]:
    rows = [f"| {m.state} | `{m.command}` | {', '.join(sorted(m.who))} | {m.next} |" for m in machine.moves]
    arrows = dict.fromkeys((m.state, m.next, m.command) for m in machine.moves)
    return [
        f"## {machine.entity} ({service})",
        "",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {machine.start}",
        *(f"    {state} --> {following}: {command}" for state, following, command in arrows),
        *(f"    {state} --> [*]" for state in machine.states if not machine.open_moves(state)),
        "```",
        "",
        "| state | command | who may | next state |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def events() -> str:
    """The catalogue: topics, who publishes, who listens, and the fields of every event."""
    head = ["# Events", "", "Made from `shared/schemas` by `make docs`; do not edit.", "", "## Topics", ""]
    rows = ["| topic | from | to | kept |", "|---|---|---|---|"]
    for topic in TOPICS.values():
        kept = "compacted" if topic.compacted else f"{topic.retention_days} days"
        sealed = ", encrypted" if topic.encrypted else ""
        rows.append(
            f"| `{topic.name}` | {topic.publisher or 'any service'} | {', '.join(topic.consumers)} | {kept}{sealed} |"
        )
    return "\n".join([*head, *rows, "", *_event_sections()]) + "\n"


class _Plain(yaml.SafeDumper):
    """Writes what occurs twice twice: a reader of the document needs no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def asyncapi() -> str:
    """The contract of the events for generators, with the topics of an installation as it comes."""
    fields = Settings.model_fields
    made = document(Installation(fields["topic_prefix"].default, fields["partitions"].default))
    head = "# Made from shared/schemas by 'make docs'; do not edit.\n"
    return head + yaml.dump(made, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


def _event_sections() -> list[str]:
    lines: list[str] = []
    for name, model in sorted(MODELS.items()):
        schema = release.schema_of(name)
        lines += [
            f"## {name}",
            "",
            str(schema.get("description", "")) + ("" if _sent(model.TYPE) else " *No service sends this yet.*"),
            *_versions(model),
            "",
            "| field | title | meaning |",
            "|---|---|---|",
        ]
        for name, field in schema["properties"].items():
            lines.append(f"| `{name}` | {field.get('title', '')} | {field.get('description', '')}{_listed(field)} |")
        lines.append("")
    return lines


def _versions(model: type[EventData]) -> list[str]:
    """Beside which other version this one is sent, and until when."""
    older = OLDER.get(model.TYPE)
    if older is None:
        return []
    newest, old = EVENTS[model.TYPE].VERSION, older.model.VERSION
    if model is older.model:
        return ["", f"Sent beside `{newest}` for what it can say, and what is recorded before {older.until}."]
    return ["", f"This is `{newest}`. Until {older.until} `{old}` is sent too: the same event, told twice; read one."]


def _listed(field: Mapping[str, Any]) -> str:
    """The codes that a producer may send, with their source."""
    for part in (field, field.get("items", {}), *field.get("anyOf", ())):
        if known := part.get("x-codes"):
            return f": {', '.join(f'`{code}`' for code in known)} ({part['x-source']})"
    return ""


def _sent(short: str) -> bool:
    """Whether a service that may publish this event names it in its code."""
    model = EVENTS[short]
    publishers = {name for topic in TOPICS.values() for name in published_on(topic).get(model, ())}
    folders = [DOCS.parent / "services" / name for name in publishers] + [DOCS.parent / "shared" / "messaging"]
    return any(model.__name__ in path.read_text(encoding="utf-8") for f in folders for path in f.rglob("*.py"))


def main() -> None:
    """Write everything."""
    for name, text in documents().items():
        (DOCS / name).write_text(text, encoding="utf-8")
    release.write()


if __name__ == "__main__":
    main()
