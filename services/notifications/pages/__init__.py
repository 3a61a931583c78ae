"""The pages of notifications: the inbox, one alert, and for the operator the mails."""

from fastapi import APIRouter

from services.notifications.pages import alert, inbox

router = APIRouter(include_in_schema=False)
for part in (inbox, alert):
    router.include_router(part.router)
