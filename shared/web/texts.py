"""Texts of the pages: English message ids in the code, Dutch in the catalogues; dates and numbers as the Dutch do.

Every service has its own catalogue, `services/<name>/locale/nl.po`. All are compiled in memory at start.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from shared.core.clock import AMSTERDAM, civil_date

LANGUAGE = "nl"
MIDNIGHT = time(0)
ROOT = Path(__file__).parents[2]
SHARED_CATALOGUE = ROOT / "shared/web/locale/nl/LC_MESSAGES/messages.po"


def catalogues() -> Iterator[Path]:
    """The catalogue of shared/web first, then those of the services."""
    yield SHARED_CATALOGUE
    yield from sorted(ROOT.glob("services/*/locale/nl.po"))


@cache
def translations() -> GNUTranslations:
    """All catalogues merged."""
    compiled = [_compile(path) for path in catalogues()]
    for earlier, later in pairwise(compiled):
        later.add_fallback(earlier)
    return compiled[-1]


def _compile(path: Path) -> GNUTranslations:
    binary = BytesIO()
    with path.open("rb") as source:
        write_mo(binary, read_po(source, locale=LANGUAGE))
    binary.seek(0)
    return GNUTranslations(binary)


def gettext(msgid: str, **values: object) -> str:
    """The Dutch text; an unknown message id comes back as it is."""
    text = translations().gettext(msgid) if msgid else ""
    return text % values if values else text


def ngettext(singular: str, plural: str, n: int, **values: object) -> str:
    """The Dutch text for a number of things; `%(num)s` is the number."""
    return translations().ngettext(singular, plural, n) % {"num": n, **values}


def marked(msgid: str) -> str:
    """Marks a message id for the catalogue where it is only translated later, such as in a constant."""
    return msgid


def in_words(day: date | datetime) -> str:
    """``24 november 2026``; an instant is taken as the date in the Netherlands."""
    return format_date(_civil(day), "d MMMM y", locale=LANGUAGE)


def in_short(day: date | datetime) -> str:
    """``24 nov.``; a month that is written in full, such as mei, has no full stop."""
    short, full = (format_date(_civil(day), f"d {month}", locale=LANGUAGE) for month in ("MMM", "MMMM"))
    return short if short == full else f"{short}."


def moment(instant: datetime) -> str:
    """``24 november 2026 om 10.14 uur``, in Dutch time; of a day that was told without a time, the day alone."""
    local = instant.astimezone(AMSTERDAM)
    if local.time() == MIDNIGHT:
        return in_words(local.date())
    return format_datetime(local, "d MMMM y 'om' HH.mm 'uur'", locale=LANGUAGE)


def number(value: float) -> str:
    """``1.234,5``"""
    return format_decimal(value, locale=LANGUAGE)


def _civil(day: date | datetime) -> date:
    return civil_date(day) if isinstance(day, datetime) else day
