-- Between which instants an action is to be done: from when, by when (`due_at`), and by when with the grace agreed on.

ALTER TABLE action
    ADD COLUMN window_from timestamptz,
    ADD COLUMN window_until timestamptz,
    ADD COLUMN late_at timestamptz GENERATED ALWAYS AS (coalesce(window_until, due_at)) STORED, -- then it escalates
    ADD CHECK (window_until >= due_at);
CREATE INDEX action_late ON action (late_at) WHERE open;
