-- Queries of the transfer data. The school stands in the query as well as in the policies.

-- name: states
SELECT pupil_ref, category, state, version, saved_at, saved_by, saved_role FROM section_states($1, $2, $3)

-- name: section
SELECT pupil_ref, cohort, vo_site, category, state, text, version, saved_at, saved_by, saved_role
FROM section WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = $3 AND category = $4

-- name: sections_of
-- The finished texts of these categories of one pupil.
SELECT pupil_ref, cohort, vo_site, category, state, text, version, saved_at, saved_by, saved_role
FROM section WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = $3 AND category = ANY($4::text[]) AND state = 'complete'

-- name: lock_sections
-- What is there of these pupils, locked, to compare a file with.
SELECT pupil_ref, cohort, vo_site, category, state, text, version, saved_at, saved_by, saved_role
FROM section WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = ANY($3::text[])
ORDER BY pupil_ref, category FOR UPDATE

-- name: save_sections
INSERT INTO section (pupil_ref, cohort, vo_site, category, state, text, version, saved_at, saved_by, saved_role)
SELECT * FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[],
    $8::timestamptz[], $9::text[], $10::text[])
ON CONFLICT (pupil_ref, cohort, vo_site, category) DO UPDATE SET state = excluded.state, text = excluded.text,
    version = excluded.version, saved_at = excluded.saved_at, saved_by = excluded.saved_by,
    saved_role = excluded.saved_role

-- name: information
SELECT pupil_ref, cohort, vo_site, informed_on, whom, how, version, recorded_at, recorded_by
FROM information WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = ANY($3::text[])

-- name: save_information
INSERT INTO information (pupil_ref, cohort, vo_site, informed_on, whom, how, version, recorded_at, recorded_by)
SELECT * FROM unnest($1::text[], $2::smallint[], $3::text[], $4::date[], $5::text[], $6::text[], $7::int[],
    $8::timestamptz[], $9::text[])
ON CONFLICT (pupil_ref, cohort, vo_site) DO UPDATE SET informed_on = excluded.informed_on, whom = excluded.whom,
    how = excluded.how, version = excluded.version, recorded_at = excluded.recorded_at,
    recorded_by = excluded.recorded_by

-- name: objections
SELECT objection_id, pupil_ref, cohort, vo_site, category, raised_by, reason, raised_at, recorded_role, withdrawn_at
FROM objection WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = ANY($3::text[]) ORDER BY raised_at, objection_id

-- name: save_objection
INSERT INTO objection (objection_id, pupil_ref, cohort, vo_site, category, raised_by, reason, raised_at, recorded_role,
    withdrawn_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (objection_id) DO UPDATE SET withdrawn_at = excluded.withdrawn_at

-- name: completeness
SELECT pupil_ref, cohort, vo_site, parts, completed_at, competences FROM completeness
WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = ANY($3::text[])

-- name: save_completeness
INSERT INTO completeness (pupil_ref, cohort, vo_site, parts, completed_at, competences)
SELECT pupil_ref, cohort, vo_site, parts, completed_at, string_to_array(competences, ',')
FROM unnest($1::text[], $2::smallint[], $3::text[], $4::jsonb[], $5::jsonb[], $6::text[])
    AS new (pupil_ref, cohort, vo_site, parts, completed_at, competences)
ON CONFLICT (pupil_ref, cohort, vo_site) DO UPDATE SET parts = excluded.parts, completed_at = excluded.completed_at,
    competences = excluded.competences

-- name: add_care_reading
INSERT INTO care_reading (pupil_ref, cohort, vo_site, category, at, role, person_ref) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: care_readings
SELECT pupil_ref, cohort, vo_site, category, at, role, person_ref FROM care_reading
WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = $3 ORDER BY at

-- name: places_of
SELECT vo_site, cohort FROM places_of($1)

-- name: act_for
-- What follows in this transaction is seen as this organisation sees it.
SELECT set_config('overstap.organisation', $1, true)
