-- Queries of the timeline of a pupil.

-- name: stories
-- Open transitions of a child that this organisation holds, sent, or has an open action for. What was closed is nobody's
-- to read any more; when it goes on, its whole story is there again.
SELECT t.pupil_ref, t.cohort, p.name, t.position, t.origin, t.agreement, c.organisation AS holder
FROM transition t JOIN pupil p USING (pupil_ref)
JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n)
WHERE t.pupil_ref = root_of($1) AND t.open AND ($2 IN (c.organisation, t.origin) OR EXISTS (
    SELECT FROM action a WHERE (a.pupil_ref, a.cohort) = (t.pupil_ref, t.cohort) AND a.open AND a.organisation = $2))
ORDER BY t.cohort

-- name: facts_of_child
SELECT f.pupil_ref, f.entity, f.type, f.sequence, f.recorded_at, f.body, f.first_at
FROM fact f JOIN pupil p USING (pupil_ref) WHERE p.root = $1

-- name: told_of
SELECT type, recorded_at, payload FROM told_of($1) WHERE cohort = $2

-- name: reasons_of
SELECT action_id, reason FROM action WHERE pupil_ref = $1 AND cohort = $2 AND reason IS NOT NULL
