-- The case an event belongs to (W3C Trace Context): what caused it, kept with it and sent again with it.
-- A timer belongs to the case that set it.
ALTER TABLE event_log ADD COLUMN traceparent text;
ALTER TABLE timer ADD COLUMN traceparent text;
