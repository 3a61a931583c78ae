"""The national chain at intake: its export, its laws, its shadows."""
