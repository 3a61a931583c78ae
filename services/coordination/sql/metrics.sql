-- Gauges of coordination, each named as its metric.

-- name: overstap_actions_overdue
-- About pupils and about organisations.
SELECT (SELECT count(*) FROM action WHERE open AND late_at < $1) + (SELECT count(*) FROM task WHERE open AND late_at < $1)

-- name: overstap_audit_violations
-- Before the first audit nothing was found.
SELECT coalesce(
    (SELECT violations + abs(pupils_in - accounted_for) FROM audit_run WHERE started_at <= $1
     ORDER BY started_at DESC LIMIT 1), 0)

-- name: overstap_audit_age_seconds
SELECT greatest(0, extract(epoch FROM $1 - coalesce((SELECT max(started_at) FROM audit_run), min(applied_at))))
FROM migration

-- name: overstap_actions_of_nobody
-- About pupils and about organisations.
SELECT (SELECT count(*) FROM action WHERE open AND contact IS NULL AND opened_at <= $1)
    + (SELECT count(*) FROM task WHERE open AND owner_contact IS NULL AND opened_at <= $1)
