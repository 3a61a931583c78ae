"""`python -m shared.cli` is the `overstap` command."""

from shared.cli import main

main()
