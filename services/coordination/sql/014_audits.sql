-- Audits of whole installations that were kept, as numbers: the references of a finding stay out, so that an erasure has
-- nothing to look for here. `overstap audit` names them.
CREATE TABLE audit_run (
    started_at timestamptz PRIMARY KEY,
    finished_at timestamptz NOT NULL CHECK (finished_at >= started_at),
    pupils_in bigint NOT NULL,
    accounted_for bigint NOT NULL,
    violations bigint NOT NULL,
    passing bigint NOT NULL,
    rules jsonb NOT NULL
);
COMMENT ON COLUMN audit_run.violations IS 'found, and found again when looked at once more';
COMMENT ON COLUMN audit_run.passing IS 'found, and gone when looked at once more: what was on its way';
COMMENT ON COLUMN audit_run.rules IS 'service and rule → violations';
