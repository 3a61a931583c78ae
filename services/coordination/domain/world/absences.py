"""Days on which a member of staff is away: recorded, ended on another day, taken back. Never why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.coordination.domain.world.organisations import Listing, fits
from shared.core.errors import Fault
from shared.schemas.organisations import Absence

MOST = 10
"""Periods of one person in one event."""
REMEMBERED = timedelta(days=30)
"""What is over is forgotten after this time: by then every day of it was looked at."""


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody at an organisation who is away."""

    person_ref: str
    since: date
    until: date | None = None
    """First day back."""


def flaws(listing: Listing, told: Away, today: date) -> list[Fault]:
    """Everything why this can not be recorded; `where` is the field. Another end of a period that is known may lie in
    the past, a period that nobody has told of before may not."""
    if all(contact.person_ref != told.person_ref for contact in listing.contacts):
        return [Fault("person_ref", "iemand uit de contactpersonen van deze organisatie", "unknown_person")]
    known = listing.away(told.person_ref)
    if told.until and told.until <= told.since:
        return [Fault("until", "een datum na de eerste dag", "order")]
    if told.until and told.until <= today and told.since not in {one.since for one in known}:
        return [Fault("until", "een dag na vandaag", "over")]
    others = [one for one in known if one.since != told.since]
    if any(_meet(one, told) for one in others):
        return [Fault("since", "een periode naast de andere; deze persoon is dan al afwezig", "overlap")]
    longer = with_absence(listing, told, today)
    if len(longer.away(told.person_ref)) > MOST or not fits(longer):
        return [Fault("since", f"hoogstens {MOST} perioden van een persoon", "too_many")]
    return []


def with_absence(listing: Listing, told: Away, today: date) -> Listing:
    """The listing in which somebody is away, in each of their roles; the same first day with another end takes the
    place of what was known."""
    others = [one for one in listing.away(told.person_ref) if one.since != told.since]
    return _away(listing, told.person_ref, [*others, Absence(since=told.since, until=told.until)], today)


def without_absence(listing: Listing, person_ref: str, since: date, today: date) -> Listing | None:
    """The listing in which somebody is not away after all from this day on; None when nobody said that."""
    left = [one for one in listing.away(person_ref) if one.since != since]
    return _away(listing, person_ref, left, today) if len(left) < len(listing.away(person_ref)) else None


def _away(listing: Listing, person_ref: str, periods: Sequence[Absence], today: date) -> Listing:
    kept = sorted((one for one in periods if not _forgotten(one, today)), key=lambda one: one.since)
    contacts = tuple(
        contact.model_copy(update={"away": tuple(kept)}) if contact.person_ref == person_ref else contact
        for contact in listing.contacts
    )
    return replace(listing, contacts=contacts)


def _forgotten(one: Absence, today: date) -> bool:
    return one.until is not None and one.until + REMEMBERED < today


def _meet(one: Absence, told: Away) -> bool:
    return (one.until is None or told.since < one.until) and (told.until is None or one.since < told.until)
