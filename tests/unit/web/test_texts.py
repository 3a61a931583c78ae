"""Dutch texts: none is missing, and dates and numbers are written as the Dutch do."""

from collections import defaultdict
from datetime import UTC, date, datetime
from itertools import chain

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from shared.web import texts
from shared.web.pages import environment

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None}


def used() -> dict[object, str]:
    """Every message id in a template or in Python, with the file it is in."""
    with (texts.ROOT / "shared/web/locale/babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)
    found: dict[object, str] = {}
    for folder in ("shared/web", "services"):
        methods_here = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods]
        options_here = {pattern.removeprefix(f"{folder}/"): value for pattern, value in options.items()}
        for file, _line, msgid, *_ in extract_from_dir(texts.ROOT / folder, methods_here, options_here, KEYWORDS):
            found.setdefault(msgid, f"{folder}/{file}")
    return found


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
        (texts.number(1234.5), "1.234,5"),
        (texts.ngettext("%(num)s working day left", "%(num)s working days left", 1), "Nog 1 werkdag"),
        (texts.ngettext("%(num)s working day left", "%(num)s working days left", 3), "Nog 3 werkdagen"),
        (texts.gettext("no such text"), "no such text"),
    ],
)
def test_dates_numbers_and_plurals_are_dutch(written: str, expected: str) -> None:
    assert written == expected
