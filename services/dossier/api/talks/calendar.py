"""A talk as a calendar file (RFC 5545, iTIP of RFC 5546). It leaves Overstap, so it names no pupil."""

from datetime import UTC, timedelta
from urllib.parse import urlsplit

from icalendar import Calendar, Event, vCalAddress
from starlette.responses import Response

from services.dossier.domain.talks import Talk
from shared.core.errors import IllegalMove
from shared.core.settings import Settings
from shared.web.texts import gettext as _
from shared.web.words import TALK_FORMS

MEDIA_TYPE = "text/calendar"
LASTS = timedelta(minutes=30)


def calendar_file(talk: Talk, settings: Settings) -> Response:
    """The file to download. Raises `IllegalMove` while the talk was never planned."""
    if talk.planned_at is None:
        raise IllegalMove("talk", talk.status, "calendar", ("plan",))
    method = "CANCEL" if talk.status == "missed" else "PUBLISH"
    headers = {
        "content-type": f"{MEDIA_TYPE}; charset=utf-8; method={method}",
        "content-disposition": 'attachment; filename="warme-overdracht.ics"',
        "cache-control": "no-store",
    }
    return Response(appointment(talk, settings, method).to_ical(), headers=headers)


def appointment(talk: Talk, settings: Settings, method: str) -> Calendar:
    """The talk as a calendar with one event. Its UID stays, its SEQUENCE rises with every change."""
    assert talk.planned_at
    assert talk.changed_at
    assert talk.form
    link = f"{settings.public_url.rstrip('/')}/dossier/talks/{talk.talk_id}"
    event = Event()
    event.add("uid", f"{talk.talk_id}@{urlsplit(settings.public_url).hostname or 'overstap'}")
    event.add("sequence", talk.version)
    event.add("dtstamp", talk.changed_at.astimezone(UTC))
    event.add("dtstart", talk.planned_at.astimezone(UTC))
    event.add("dtend", talk.planned_at.astimezone(UTC) + LASTS)
    event.add("summary", _("Warm handover (%(form)s)", form=_(TALK_FORMS[talk.form]).lower()))
    event.add("description", _("Talk about the transition of a pupil. Sign in to see who it is: %(link)s", link=link))
    event.add("url", link)
    event.add("organizer", vCalAddress(f"mailto:{settings.mail_from}"))
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("prodid", "-//Overstap//Warme overdracht//NL")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return calendar
