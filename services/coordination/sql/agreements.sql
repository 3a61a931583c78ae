-- Versions of regional agreements: who adopted which, and which transitions stay on it.

-- name: state
-- Changes with every adoption: none is ever changed or taken away.
SELECT count(*) FROM agreement

-- name: texts
SELECT version, text FROM agreement ORDER BY valid_from DESC, adopted_at DESC

-- name: adoptions
-- Of one region, or of every region; the newest first.
SELECT version, region, valid_from, digest, adopted_at, organisation, person_ref FROM agreement
WHERE $1::text IS NULL OR region = $1 ORDER BY region, valid_from DESC, adopted_at DESC

-- name: text
SELECT text FROM agreement WHERE version = $1

-- name: lock_region
-- Two adoptions for one region come one after the other.
SELECT pg_advisory_xact_lock(hashtextextended('agreement ' || $1, 0))

-- name: adopt
INSERT INTO agreement (version, region, valid_from, digest, text, adopted_at, organisation, person_ref)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: pinned_numbers
SELECT region, version, n FROM pinned_numbers() ORDER BY region, version

-- name: move_transitions
SELECT move_transitions($1, $2, $3, $4)
