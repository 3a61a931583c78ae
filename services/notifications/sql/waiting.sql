-- What this service still has to do now, besides events and timers; virtual time and the audit wait for it.

-- name: mails
SELECT count(*) FROM notifications.delivery WHERE state = 'waiting' AND due_at <= $1
