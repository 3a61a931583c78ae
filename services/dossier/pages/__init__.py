"""The pages of the dossier: the school's class list, pupil and files; the institution's received dossiers."""

from fastapi import APIRouter

from services.dossier.pages import classlist, imports, mine, offering, pupil, received
from services.dossier.pages.transfer import family, sections

router = APIRouter(include_in_schema=False)
for part in (classlist, pupil, sections, family, offering, received, imports, mine):
    router.include_router(part.router)
