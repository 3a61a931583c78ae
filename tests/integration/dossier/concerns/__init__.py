"""Concerns of either side, and feedback to the school."""
