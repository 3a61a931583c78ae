"""The pages of the dossier: the school's class list, pupil and files; the institution's received dossiers."""

from fastapi import APIRouter

from services.dossier.pages import bulk, classlist, concerns, imports, mine, offering, pupil, received, talks, year_end
from services.dossier.pages.transfer import family, sections

router = APIRouter(include_in_schema=False)
for part in (classlist, bulk, pupil, sections, family, offering, received, imports, mine, talks, concerns, year_end):
    router.include_router(part.router)
