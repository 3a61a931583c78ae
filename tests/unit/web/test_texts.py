"""Dutch texts: none is missing, and dates and numbers are written as the Dutch do."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import chain

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from shared.web import texts
from shared.web.pages import environment

NAMES = {"_", "gettext", "ngettext", "marked"}
SOURCES = ("shared/core/**/*.{}", "shared/web/**/*.{}", "services/**/*.{}")


def used() -> dict[object, str]:
    """Every message id in a template or in Python, with the file it is in."""
    found: dict[object, str] = {}
    for pattern in SOURCES:
        for path in sorted(texts.ROOT.glob(pattern.format("html"))):
            with path.open("rb") as template:
                told = list(extract("jinja2", template, options={"trimmed": "true", "extensions": "jinja2.ext.do"}))
            found |= {msgid: str(path) for _, msgid, *_ in told}
        for path in sorted(texts.ROOT.glob(pattern.format("py"))):
            found |= dict.fromkeys(said_in(ast.parse(path.read_text("utf-8"))), str(path))
    return found


def said_in(tree: ast.Module) -> Iterator[str | tuple[str, ...]]:
    """Message ids that are written out; a word looked up in a table is marked in the table."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in NAMES:
            said = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if said:
                yield said[0] if len(said) == 1 else tuple(said)


def test_every_text_has_a_dutch_translation() -> None:
    catalogues = [read_po(path.open("rb"), locale="nl") for path in texts.catalogues()]
    translated = {
        message.id for message in chain.from_iterable(catalogues) if message.id and message.string and not message.fuzzy
    }
    missing = {file: msgid for msgid, file in used().items() if msgid not in translated}
    assert len(used()) > 80
    assert not missing


def test_one_text_has_one_translation_whichever_service_says_it() -> None:
    found: dict[object, set[object]] = defaultdict(set)
    for message in chain.from_iterable(read_po(path.open("rb"), locale="nl") for path in texts.catalogues()):
        if message.id:
            found[message.context, message.id].add(message.string)
    assert not {key: translations for key, translations in found.items() if len(translations) > 1}


def test_no_catalogue_says_a_text_twice() -> None:
    for path in texts.catalogues():
        said = Counter(re.findall(r'^((?:msgctxt .*\n)?msgid (?:".*"\n)+)', path.read_text("utf-8"), re.MULTILINE))
        assert not [text for text, times in said.items() if times > 1], path


def test_every_template_compiles() -> None:
    names = [name for name in environment().list_templates() if name.endswith(".html")]
    assert "base.html" in names
    for name in names:
        environment().get_template(name)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (texts.in_words(date(2026, 11, 24)), "24 november 2026"),
        (texts.in_words(datetime(2026, 11, 24, 23, 30, tzinfo=UTC)), "25 november 2026"),
        (texts.in_short(date(2026, 11, 24)), "24 nov."),
        (texts.in_short(date(2026, 5, 1)), "1 mei"),
        (texts.moment(datetime(2026, 11, 24, 9, 14, tzinfo=UTC)), "24 november 2026 om 10.14 uur"),
        (texts.moment(datetime(2026, 11, 23, 23, tzinfo=UTC)), "24 november 2026"),
        (texts.number(1234.5), "1.234,5"),
        (texts.ngettext("%(num)s working day left", "%(num)s working days left", 1), "Nog 1 werkdag"),
        (texts.ngettext("%(num)s working day left", "%(num)s working days left", 3), "Nog 3 werkdagen"),
        (texts.gettext("no such text"), "no such text"),
    ],
)
def test_dates_numbers_and_plurals_are_dutch(written: str, expected: str) -> None:
    assert written == expected
