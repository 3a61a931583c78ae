-- Somebody works on it. On the wire a moment beside `acknowledged` (docs/decisions/0010).
ALTER TABLE alert ADD COLUMN in_progress_at timestamptz;
ALTER TABLE alert ADD CHECK (in_progress_at IS NULL OR acknowledged_at IS NOT NULL);
