"""What an operator does: check, import, wait until all is quiet. Reads over all schemas, decides nothing."""
