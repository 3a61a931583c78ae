"""The pages about concerns, the same for both sides."""

from fastapi import APIRouter

from services.dossier.pages.concerns import listing, raising

router = APIRouter()
for part in (listing, raising):
    router.include_router(part.router)
