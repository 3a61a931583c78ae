-- Gauges of coordination, each named as its metric.

-- name: overstap_actions_overdue
SELECT count(*) FROM action WHERE open AND late_at < $1
