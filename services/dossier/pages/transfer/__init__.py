"""The pages of the transfer data: what a mentor writes, whom the school informed, and objections."""
