-- An operator who takes the brake off has looked at everything that was sent until then.
ALTER TABLE brake ADD COLUMN released_at timestamptz; -- wall clock, as are the times of records
