-- What this service still has to do now, besides events and timers; virtual time and the audit wait for these rows. $1 is now.

-- name: mails
SELECT FROM notifications.delivery WHERE state = 'waiting' AND due_at <= $1
