"""The pages of coordination."""

from fastapi import APIRouter

router = APIRouter()
