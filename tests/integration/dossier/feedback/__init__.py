"""Until when a school hears of its pupils, and the figures it gets after that."""
