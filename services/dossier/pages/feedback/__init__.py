"""Feedback to the sending school: its pupils as long as it hears of them, and figures."""

from fastapi import APIRouter

from services.dossier.pages.feedback import figures, listing

router = APIRouter(prefix="/feedback")
for part in (figures, listing):
    router.include_router(part.router)
