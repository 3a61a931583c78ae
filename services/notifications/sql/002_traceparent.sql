-- The case that a mail belongs to (W3C Trace Context); NULL: of before this column.
ALTER TABLE delivery ADD COLUMN traceparent text;
