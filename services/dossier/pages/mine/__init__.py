"""The pages of a pupil, under /dossier/mine, and what the school does for them: inviting and reading along."""

from fastapi import APIRouter

from services.dossier.pages.mine import files, guidance, home, inviting, readers, school, sharing, signin, writing

router = APIRouter()
for part in (signin, home, sharing, readers, school, files, writing, guidance, inviting):
    router.include_router(part.router)
