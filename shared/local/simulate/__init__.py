"""A made-up school year: a plan that is pure data, a player that lives it through the real doors, and its truth."""
