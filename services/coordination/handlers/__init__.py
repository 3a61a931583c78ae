"""What coordination does with events, timers and commands; each in the transaction it is given."""
