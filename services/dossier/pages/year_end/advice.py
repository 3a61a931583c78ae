"""What the record of a pupil shows beside choices, and of talks, exam and other route."""

from dataclasses import dataclass
from datetime import date

from services.dossier.domain.exams import Exam, cautions
from services.dossier.domain.routes import Route
from services.dossier.domain.talks import Talk
from services.dossier.pages.reading import Card
from services.dossier.pages.year_end import words
from services.dossier.store import talks, year_end
from shared.core import reference
from shared.core.settings import Settings
from shared.storage.pool import Connection
from shared.web.words import programme_page


@dataclass(frozen=True, slots=True)
class Advice:
    """Beside the choices of one pupil."""

    cautions: dict[str, str]
    """Choice → why it may not fit."""
    programme_pages: dict[str, str]
    """Choice → public page about the programme and the labour market; none when no page is set."""
    exam: Exam | None
    route: Route | None
    talks: list[Talk]


async def advice(conn: Connection, card: Card, settings: Settings, on: date) -> Advice:
    """What is known of an own pupil at the end of the year."""
    pupil = card.pupil
    key = (pupil.pupil_ref, pupil.cohort)
    exam = (await year_end.exams(conn, pupil.vo_site, [pupil.pupil_ref])).get(key)
    route = (await year_end.routes(conn, pupil.vo_site, [pupil.pupil_ref])).get(key)
    found = cautions(reference.load(), pupil, card.choices, exam, on)
    pages = {one.choice_id: programme_page(settings.programme_page, one.programme) for one in card.choices}
    return Advice(
        {choice_id: words.caution(one) for choice_id, one in found.items()},
        {choice_id: page for choice_id, page in pages.items() if page},
        exam,
        route,
        [one for one in await talks.talks(conn, pupil.vo_site, [pupil.pupil_ref]) if one.cohort == pupil.cohort],
    )
