"""The pages about talks between a school and an institution, the same for both sides."""

from fastapi import APIRouter

from services.dossier.pages.talks import listing, moves

router = APIRouter()
for part in (listing, moves):
    router.include_router(part.router)
