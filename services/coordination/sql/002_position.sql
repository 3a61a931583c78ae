-- How far a pupil has come, decided when it is quiet; and everything that may end a transition.

ALTER TABLE fact ADD COLUMN first_at timestamptz;    -- when anything was first told of this entity
UPDATE fact SET first_at = recorded_at;
ALTER TABLE fact ALTER COLUMN first_at SET NOT NULL;

ALTER TABLE transition
    ADD COLUMN live text[] NOT NULL DEFAULT '{}',    -- institutions where an application lives, the furthest first
    ADD COLUMN evidence jsonb NOT NULL DEFAULT '[]', -- the facts by which it was closed
    ADD COLUMN reopened text,                        -- why it went on after it was closed
    ADD COLUMN weighed_at timestamptz,               -- up to when time was counted in for the position
    ADD COLUMN weigh_at timestamptz,                 -- when the position must be decided again
    ADD COLUMN waiting_since timestamptz,            -- facts say worse than the position, and it is not quiet yet
    ADD COLUMN waiting_last timestamptz,
    ADD COLUMN handled text[] NOT NULL DEFAULT '{}', -- what was agreed in talks and is done with
    ADD CHECK ((waiting_since IS NULL) = (waiting_last IS NULL)),
    ADD CHECK (waiting_since IS NULL OR weigh_at IS NOT NULL),
    ADD CHECK (position IN ('lost', 'none', 'chosen', 'other_route', 'applied', 'placed', 'enrolled', 'started', 'settled'));
UPDATE transition t SET weighed_at = opened_at, live = ARRAY(
    SELECT DISTINCT f.body ->> 'mbo_institution' FROM fact f JOIN pupil p USING (pupil_ref)
    WHERE p.root = t.pupil_ref AND f.type = 'application-status-changed' AND (f.body ->> 'cohort')::smallint = t.cohort
      AND f.body ->> 'status' NOT IN ('rejected', 'withdrawn'));
ALTER TABLE transition ALTER COLUMN weighed_at SET NOT NULL;
