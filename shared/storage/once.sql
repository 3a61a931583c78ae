-- name: forget
-- Keys older than a day of the organisation that asks (row-level security sees to whose).
DELETE FROM once WHERE at < $1

-- name: claim
INSERT INTO once (organisation, key, fingerprint, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING key

-- name: answered
SELECT fingerprint, status, body FROM once WHERE organisation = $1 AND key = $2

-- name: give_back
DELETE FROM once WHERE organisation = $1 AND key = $2 AND status IS NULL

-- name: keep
UPDATE once SET status = $3, body = $4 WHERE organisation = $1 AND key = $2
