"""Kinds of cell: what a value must look like, how it is written in one way, and how to tell the sender (Dutch)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from stdnum.nl import bsn, onderwijsnummer

from shared.core.clock import AMSTERDAM, civil_date, local_instant
from shared.core.reference import Reference

Parse = Callable[[str], str]
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
)

TRACKS = ("pro", "vso", "isk", "vmbo-bb", "vmbo-kb", "vmbo-gl", "vmbo-tl", "havo", "vwo", "vavo")
STATUSES = ("SUBMITTED", "RECEIVED", "OFFERED", "ENROLLED", "REJECTED", "WITHDRAWN")
OUTCOMES = ("placed", "provisional", "rejected", "other_advice", "further_study")


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of cell. `parse` takes a trimmed, non-empty text and gives the one way to write it, or ValueError."""

    expected: str
    parse: Parse


def pattern(expression: str, expected: str, tidy: Parse = str) -> Format:
    """A value that, once tidied, matches the whole expression."""
    compiled = re.compile(expression, re.ASCII)

    def parse(text: str) -> str:
        tidied = tidy(text)
        if not compiled.fullmatch(tidied):
            raise ValueError
        return tidied

    return Format(expected, parse)


def one_of(*values: str) -> Format:
    """One of a closed list, in any case; written as in the list."""
    spelled = {value.casefold(): value for value in values}

    def parse(text: str) -> str:
        found = spelled.get(text.casefold())
        if found is None:
            raise ValueError
        return found

    return Format("een van: " + ", ".join(values), parse)


def text(longest: int = 200) -> Format:
    """Free text on one line, white space made single."""

    def parse(value: str) -> str:
        single = " ".join(value.split())
        if len(single) > longest:
            raise ValueError
        return single

    return Format(f"tekst van hoogstens {longest} tekens", parse)


def municipality(reference: Reference, on: date) -> Format:
    """A municipality that exists on this day (CBS code)."""

    def parse(code: str) -> str:
        if reference.region_of(code, on) is None:
            raise ValueError
        return code

    return Format(f"een CBS-gemeentecode van 4 cijfers die bestaat op {on.isoformat()}, zoals 0344", parse)


def _date(value: str) -> str:
    if re.fullmatch(r"[0-9]{2}-[0-9]{2}-[0-9]{4}", value):
        day, month, year = value.split("-")
        value = f"{year}-{month}-{day}"
    elif not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError
    found = date.fromisoformat(value)
    if not 1900 <= found.year <= 2100:
        raise ValueError
    return value


def _recent(value: str) -> str:
    found = _date(value)
    if not 2000 <= date.fromisoformat(found).year < 2100:
        raise ValueError
    return found


def _moment(value: str) -> str:
    day, _, hour = value.replace("T", " ").partition(" ")
    hour = hour or "00:00"
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", hour):
        raise ValueError
    return f"{_recent(day)}T{hour}"


def _instant(value: str) -> str:
    """In UTC, to the microsecond. A day begins at midnight; without an offset it is Dutch time."""
    if len(value) == 10:
        found = local_instant(date.fromisoformat(_date(value)))
    elif _INSTANT.fullmatch(value):
        found = datetime.fromisoformat(value)
        found = (found if found.tzinfo else found.replace(tzinfo=AMSTERDAM)).astimezone(UTC)
    else:
        raise ValueError
    if not 2000 <= found.year < 2100:
        raise ValueError
    return found.isoformat()


def _start(value: str) -> str:
    """The civil date of a day or a moment."""
    return civil_date(datetime.fromisoformat(_instant(value))).isoformat()


def _school_year(value: str) -> str:
    first, _, second = value.partition("-")
    if second and int(second) != int(first) + 1:
        raise ValueError
    return first


def or_na(format: Format) -> Format:
    """A value, or `NA` for nothing."""
    return Format(f"{format.expected}; of NA", lambda text: "" if text.upper() == "NA" else format.parse(text))


def _hash(value: str) -> str:
    """Hexadecimal is the same in any case; other ways of writing are not."""
    return value.lower() if re.fullmatch(r"[0-9A-Fa-f]+", value) else value


def _pgn(value: str) -> str:
    if not re.fullmatch(r"[0-9]{9}", value):
        raise ValueError
    if not (bsn.is_valid(value) or onderwijsnummer.is_valid(value)):
        raise ValueError
    return value


def _postcode(value: str) -> str:
    return value.replace(" ", "").upper()


TEXT = text()
DATE = Format("een datum als 2011-03-24 of 24-03-2011", _date)
RECENT = Format("een datum vanaf 2000, als 2027-03-24 of 24-03-2027", _recent)
"""A date from which a cohort follows."""
MOMENT = Format("een datum, met of zonder tijd, als 2027-03-24 of 24-03-2027 13:30", _moment)
"""A moment in the Netherlands, without an offset; without a time the day begins."""
PGN = Format("een BSN of onderwijsnummer van 9 cijfers, met voorloopnul, dat aan de elfproef voldoet", _pgn)
BRIN = pattern(r"[0-9]{2}[A-Z0-9]{2}", "een BRIN van 4 tekens, zoals 99MA", str.upper)
VO_SITE = pattern(r"[0-9]{2}[A-Z0-9]{2}[0-9]{2}", "een BRIN met vestiging van 6 tekens, zoals 99AA00", str.upper)
ORGANISATION = pattern(r"[0-9A-Z]{2,6}", "de code van een organisatie: regio, BRIN, vestiging of gemeente", str.upper)
MUNICIPALITY = pattern(r"[0-9]{4}", "een CBS-gemeentecode van 4 cijfers, zoals 0344")
REGION = pattern(r"0[1-9]|[1-3][0-9]|40", "een regio van 01 tot en met 40")
POSTCODE = pattern(r"[1-9][0-9]{3}(?!SA|SD|SS)[A-Z]{2}", "een postcode als 3511 AB", _postcode)
TRACK = one_of(*TRACKS)
YES_NO = one_of("J", "N")
EMAIL = pattern(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", "een e-mailadres als naam@school.example", str.lower)
CREBO = pattern(r"[0-9]{5}", "een crebo van 5 cijfers, zoals 25655", lambda value: value.replace(".", ""))
LEVEL = pattern(r"[1-4]", "een niveau: 1, 2, 3 of 4")
PATHWAY = one_of("BOL", "BBL")
COHORT = pattern(r"20[0-9]{2}", "het jaar waarin de opleiding begint, zoals 2027")
PREFERENCE = pattern(r"[1-3]", "een voorkeur: 1, 2 of 3")
NUMBER = pattern(r"0|[1-9][0-9]{0,8}", "een geheel getal", lambda value: value.lstrip("0") or "0")
IDENTIFIER = pattern(r"[A-Za-z0-9_-]{1,64}", "een kenmerk van letters, cijfers, - en _ (hoogstens 64 tekens)")
STATUS = one_of(*STATUSES)
OUTCOME = one_of(*OUTCOMES)
REASON = pattern(r"[a-z0-9][a-z0-9_-]{0,63}", "een redencode van kleine letters, cijfers, - en _", str.lower)
TEAM = pattern(r"[a-z0-9][a-z0-9_-]{0,63}", "een code van kleine letters, cijfers, - en _, zoals techniek", str.lower)
HANDOVER_KIND = one_of("koud", "warm")
ATTEMPTS = pattern(r"[0-9]{1,2}", "een aantal van 0 tot en met 99", lambda value: value.lstrip("0") or "0")
LEAVING = pattern(r"[1-7]", "een reden van uitval: 1 tot en met 7")
INSTANT = Format("een moment als 2026-11-02T09:15:00Z, of een datum", _instant)
START = Format("een datum of moment vanaf 2000, zoals 2027-08-01", _start)
SCHOOL_YEAR = pattern(r"0|20[0-9]{2}", "een schooljaar als 2027 of 2027-2028, of 0", _school_year)
HASH = pattern(r"[A-Za-z0-9+/_=-]{16,128}", "de hash van een BSN: 16 tot 128 letters en cijfers", _hash)
ANY_PROGRAMME = pattern(
    r"[0-9]{5}|[0-9]{4}O[0-9]{4}", "een crebo zoals 25655, of een vavo-code zoals 1002O2412", str.upper
)
ANY_PATHWAY = one_of("BOL", "BBL", "VAVO", "ODT")
STATUS_SOURCE = one_of("SIS", "CAMBO")
AGE_CLASS = one_of("ONDER_16", "TUSSEN_16_18", "TUSSEN_18_23", "BOVEN_23")
PROVIDER = pattern(r"[0-9]{3}A[0-9]{3}", "een code van een onderwijsaanbieder (RIO), zoals 110A123", str.upper)
LOCATION = pattern(r"[0-9]{3}X[0-9]{3}", "een code van een onderwijslocatie (RIO), zoals 110X456", str.upper)
POSTCODE_DIGITS = pattern(r"0|[1-9][0-9]{3}", "de 4 cijfers van een postcode, of 0")
