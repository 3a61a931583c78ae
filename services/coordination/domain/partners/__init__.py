"""Organisations as partners: what must be done about one of them, and whether anything is heard of it."""
