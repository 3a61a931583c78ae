"""What everything else stands on: no I/O but files, no framework."""

__version__ = "0.1.0"
