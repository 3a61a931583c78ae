"""A region over a year, and with more and more pupils."""
