-- Audits that were kept, in the schema of coordination.

-- name: audited_until
-- When the last began; before the first, when this database began.
SELECT coalesce((SELECT max(started_at) FROM coordination.audit_run), min(applied_at)) FROM coordination.migration

-- name: keep
INSERT INTO coordination.audit_run
    (started_at, finished_at, pupils_in, accounted_for, violations, passing, rules)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)

-- name: forget
DELETE FROM coordination.audit_run WHERE started_at < $1

-- name: last
SELECT started_at, finished_at, pupils_in, accounted_for, violations, passing, rules::text AS rules
FROM coordination.audit_run ORDER BY started_at DESC LIMIT 1
