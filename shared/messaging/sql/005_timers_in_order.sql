-- Timers are taken in this order. Many come due at the same instant: all of them were read for each block.
DROP INDEX timer_due;
CREATE INDEX timer_due ON timer (due_at, kind, subject, key);
