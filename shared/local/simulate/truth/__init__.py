"""The truth of a plan: which signals must come out of it, and whether they did."""
