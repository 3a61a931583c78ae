-- name: search
-- Applications at an institution by what somebody knows of them; what is not given does not count.
SELECT a.application_id, a.own_id, a.pupil_ref, a.cohort, a.programme, a.pathway, a.status, a.status_at,
    i.held_on, i.outcome, i.reason, p.name
FROM application a
LEFT JOIN intake i ON i.application_id = a.application_id
LEFT JOIN LATERAL (
    SELECT concat_ws(' ', first_name, nullif(prefix, ''), last_name) AS name FROM pupil
    WHERE pupil.pupil_ref = a.pupil_ref ORDER BY met_at IS NOT NULL, stream <> pupil.pupil_ref, stream LIMIT 1) p ON true
WHERE a.mbo_institution = $1 AND ($2::text IS NULL OR a.own_id = $2)
  AND ($3::text IS NULL OR a.pupil_ref = (SELECT pupil_ref FROM resolve(ARRAY[$3])))
  AND ($4::int IS NULL OR a.cohort = $4) AND ($5::text IS NULL OR a.programme = $5)
  AND ($6::text IS NULL OR a.status = $6) AND ($7 = '' OR position(lower($7) IN lower(p.name)) > 0)
  AND a.application_id > $8 ORDER BY a.application_id LIMIT $9
