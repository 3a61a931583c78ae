-- Queries of the end of the school year: other routes and exam results of a site's own pupils.

-- name: routes
SELECT pupil_ref, cohort, vo_site, route, since, until, status, evidence, note_ref, note, version, changed_at, changed_by
FROM route WHERE vo_site = $1 AND ($2::text[] IS NULL OR pupil_ref = ANY($2)) ORDER BY pupil_ref, cohort

-- name: lock_routes
SELECT pupil_ref, cohort, vo_site, route, since, until, status, evidence, note_ref, note, version, changed_at, changed_by
FROM route WHERE vo_site = $1 AND pupil_ref = ANY($2::text[]) ORDER BY pupil_ref, cohort FOR UPDATE

-- name: save_routes
INSERT INTO route (pupil_ref, cohort, vo_site, route, since, until, status, evidence, note_ref, note, version, changed_at,
    changed_by)
SELECT * FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::int[], $12::timestamptz[], $13::text[])
ON CONFLICT (pupil_ref, cohort, vo_site) DO UPDATE SET route = excluded.route, since = excluded.since,
    until = excluded.until, status = excluded.status, evidence = excluded.evidence, note_ref = excluded.note_ref,
    note = excluded.note, version = excluded.version, changed_at = excluded.changed_at, changed_by = excluded.changed_by

-- name: exams
SELECT pupil_ref, cohort, vo_site, result, track, sitting, decided_on, version, changed_at, changed_by
FROM exam WHERE vo_site = $1 AND pupil_ref = ANY($2::text[]) ORDER BY pupil_ref, cohort

-- name: lock_exams
SELECT pupil_ref, cohort, vo_site, result, track, sitting, decided_on, version, changed_at, changed_by
FROM exam WHERE vo_site = $1 AND pupil_ref = ANY($2::text[]) ORDER BY pupil_ref, cohort FOR UPDATE

-- name: save_exams
INSERT INTO exam (pupil_ref, cohort, vo_site, result, track, sitting, decided_on, version, changed_at, changed_by)
SELECT * FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::date[],
    $8::int[], $9::timestamptz[], $10::text[])
ON CONFLICT (pupil_ref, cohort, vo_site) DO UPDATE SET result = excluded.result, track = excluded.track,
    sitting = excluded.sitting, decided_on = excluded.decided_on, version = excluded.version,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by
