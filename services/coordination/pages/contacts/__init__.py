"""Who can be reached where: per region, per organisation and per person; changing it, and handing in files."""

from fastapi import APIRouter

from services.coordination.pages.contacts import export, organisations, own, people, person

router = APIRouter()
for part in (own, export, organisations, people, person):
    router.include_router(part.router)
