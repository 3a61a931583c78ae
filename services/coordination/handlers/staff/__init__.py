"""Who works where, and who is away."""
