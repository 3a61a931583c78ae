-- Gauges of notifications, each named as its metric.

-- name: overstap_mails_waiting
SELECT count(*) FROM delivery WHERE state = 'waiting' AND due_at <= $1
