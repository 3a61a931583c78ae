"""All SQL of coordination: cases for handlers, the directory of organisations, and what the pages read."""

from services.coordination.store.cases import load, save
from services.coordination.store.directory import directory, listings, save_listings

__all__ = ["directory", "listings", "load", "save", "save_listings"]
