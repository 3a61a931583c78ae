"""The pages of the end of the school year: other routes and exam results, and what these mean for choices."""

from fastapi import APIRouter

from services.dossier.pages.year_end import exams, routes

router = APIRouter()
for part in (routes, exams):
    router.include_router(part.router)
