"""The pages of the dossier: the school's class list, pupil and files; the institution's received dossiers."""

from fastapi import APIRouter

from services.dossier.pages import (
    bulk,
    classlist,
    concerns,
    feedback,
    imports,
    mine,
    offering,
    pupil,
    received,
    talks,
    year_end,
)
from services.dossier.pages.transfer import family, sections

SCHOOL = (classlist, bulk, pupil, sections, family, offering, imports, mine, concerns, year_end, feedback)
router = APIRouter(include_in_schema=False)
for part in (*SCHOOL, received, talks):
    router.include_router(part.router)
