-- Queries of concerns. The organisation stands in each, as it does in the policies.

-- name: concerns
-- What an organisation raised, or somebody there is to hear: of these pupils, or of all.
SELECT concern_id, pupil_ref, cohort, vo_site, organisation, raised_by, person_ref, raised_at, reason, route,
    mbo_institution, note_ref, status, resolved_at, resolution, version, changed_at, changed_by
FROM concern WHERE (organisation = $1
    OR (vo_site = $1 AND route && ARRAY['mentor', 'decaan', 'care_coordinator'])
    OR (mbo_institution = $1 AND route && ARRAY['slber', 'intaker', 'intake_coordinator'])) AND ($2::text[] IS NULL OR pupil_ref = ANY($2))
ORDER BY raised_at, concern_id

-- name: page_of_concerns
SELECT concern_id, pupil_ref, cohort, vo_site, organisation, raised_by, person_ref, raised_at, reason, route,
    mbo_institution, note_ref, status, resolved_at, resolution, version, changed_at, changed_by
FROM concern WHERE (organisation = $1
    OR (vo_site = $1 AND route && ARRAY['mentor', 'decaan', 'care_coordinator'])
    OR (mbo_institution = $1 AND route && ARRAY['slber', 'intaker', 'intake_coordinator'])) AND concern_id > $2 COLLATE "C" AND ($4::text IS NULL OR status = $4)
ORDER BY concern_id COLLATE "C" LIMIT $3

-- name: concern
-- One of them.
SELECT concern_id, pupil_ref, cohort, vo_site, organisation, raised_by, person_ref, raised_at, reason, route,
    mbo_institution, note_ref, status, resolved_at, resolution, version, changed_at, changed_by
FROM concern WHERE concern_id = $2 AND (organisation = $1
    OR (vo_site = $1 AND route && ARRAY['mentor', 'decaan', 'care_coordinator'])
    OR (mbo_institution = $1 AND route && ARRAY['slber', 'intaker', 'intake_coordinator']))

-- name: add_concern
INSERT INTO concern (concern_id, pupil_ref, cohort, vo_site, organisation, raised_by, person_ref, raised_at, reason,
    route, mbo_institution, note_ref, status, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open', 1, $8, $5)

-- name: resolve_concern
UPDATE concern SET status = 'resolved', resolved_at = $2, resolution = $3, version = $4, changed_at = $2, changed_by = $5
WHERE concern_id = $1

-- name: add_note
INSERT INTO concern_note (note_ref, concern_id, organisation, at, role, person_ref, text)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: notes
SELECT note_ref, concern_id, organisation, at, role, person_ref, text FROM concern_note
WHERE concern_id = $1 AND organisation = $2 ORDER BY at, note_ref

-- name: so_far
SELECT count(*) AS n FROM concern WHERE pupil_ref = $1 AND cohort = $2 AND organisation = $3

-- name: school_follows
SELECT school_follows($1, $2, $3) AS follows

-- name: names
SELECT pupil_ref, cohort, name FROM names_known($1, $2)

-- name: save_limits
INSERT INTO follow_limit (cohort, ends) SELECT * FROM unnest($1::smallint[], $2::timestamptz[])
ON CONFLICT (cohort) DO UPDATE SET ends = excluded.ends WHERE follow_limit.ends <> excluded.ends
RETURNING cohort
