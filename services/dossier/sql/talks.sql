-- Queries of the warm handover. The organisation stands in each, as it does in the policies.

-- name: talks
-- The talks an organisation is a side of: of these pupils, or of all.
SELECT talk_id, pupil_ref, cohort, vo_site, mbo_institution, requested_by, requested_at, hold_by, handover_id, status,
    form, roles, vo_person, mbo_person, planned_at, held_at, missed, missed_reason, informed, follow_ups, note_ref,
    version, changed_at, changed_by
FROM talk WHERE $1 IN (vo_site, mbo_institution) AND ($2::text[] IS NULL OR pupil_ref = ANY($2)) ORDER BY talk_id

-- name: page_of_talks
SELECT talk_id, pupil_ref, cohort, vo_site, mbo_institution, requested_by, requested_at, hold_by, handover_id, status,
    form, roles, vo_person, mbo_person, planned_at, held_at, missed, missed_reason, informed, follow_ups, note_ref,
    version, changed_at, changed_by
FROM talk WHERE $1 IN (vo_site, mbo_institution) AND talk_id > $2 COLLATE "C" ORDER BY talk_id COLLATE "C" LIMIT $3

-- name: talk
SELECT talk_id, pupil_ref, cohort, vo_site, mbo_institution, requested_by, requested_at, hold_by, handover_id, status,
    form, roles, vo_person, mbo_person, planned_at, held_at, missed, missed_reason, informed, follow_ups, note_ref,
    version, changed_at, changed_by
FROM talk WHERE talk_id = $1 AND $2 IN (vo_site, mbo_institution)

-- name: lock_talk
SELECT talk_id, pupil_ref, cohort, vo_site, mbo_institution, requested_by, requested_at, hold_by, handover_id, status,
    form, roles, vo_person, mbo_person, planned_at, held_at, missed, missed_reason, informed, follow_ups, note_ref,
    version, changed_at, changed_by
FROM talk WHERE talk_id = $1 AND $2 IN (vo_site, mbo_institution) FOR UPDATE

-- name: add_talks
INSERT INTO talk (talk_id, pupil_ref, cohort, vo_site, mbo_institution, requested_by, requested_at, hold_by, handover_id,
    status, roles, missed, informed, follow_ups, note_ref, version, changed_at, changed_by)
SELECT talk_id, pupil_ref, cohort, vo_site, mbo_institution, requested_by, requested_at, hold_by, handover_id,
    'requested', '{}', 0, false, '[]', note_ref, 1, requested_at, changed_by
FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::date[],
    $9::text[], $10::text[], $11::text[])
    AS new (talk_id, pupil_ref, cohort, vo_site, mbo_institution, requested_by, requested_at, hold_by, handover_id,
            note_ref, changed_by)

-- name: move_talk
UPDATE talk SET status = $2, form = $3, roles = $4, vo_person = $5, mbo_person = $6, planned_at = $7, held_at = $8,
    missed = $9, missed_reason = $10, informed = $11, follow_ups = $12, note_ref = $13, version = $14, changed_at = $15,
    changed_by = $16
WHERE talk_id = $1

-- name: add_note
INSERT INTO talk_note (note_ref, talk_id, organisation, at, role, person_ref, text) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: notes
SELECT note_ref, talk_id, organisation, at, role, person_ref, text FROM talk_note
WHERE talk_id = $1 AND organisation = $2 ORDER BY at, note_ref

-- name: known_at
SELECT pupil_ref, cohort, mbo_institution FROM unnest($1::text[], $2::int[], $3::text[])
    AS asked (pupil_ref, cohort, mbo_institution)
WHERE known_at(pupil_ref, cohort, mbo_institution)

-- name: school_of
SELECT school_of($1, $2) AS vo_site

-- name: names
SELECT talk_id, name FROM names_in_talks($1)

-- name: tracks
SELECT pupil_ref, cohort, track FROM pupil WHERE vo_site = $1 AND pupil_ref = ANY($2::text[])
