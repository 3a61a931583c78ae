-- Queries of the application status export. The web side sees its own files alone; the worker takes in the rows of all.

-- name: begin
INSERT INTO export (export_id, organisation, role, person_ref, state, sent_at) VALUES ($1, $2, $3, $4, 'arriving', $5)

-- name: arrived
UPDATE export SET state = $3, header = $4, received = $5, bad = $6, faults = $7::jsonb
WHERE export_id = $1 AND organisation = $2 AND state = 'arriving'

-- name: confirm
UPDATE export SET state = 'taking' WHERE export_id = $1 AND organisation = $2 AND state = 'arrived' RETURNING export_id

-- name: one
SELECT export_id, organisation, role, person_ref, state, sent_at, header, received, applied, unchanged, skipped,
    quarantined, bad, faults
FROM export WHERE export_id = $1 AND organisation = $2

-- name: latest
SELECT export_id, organisation, role, person_ref, state, sent_at, header, received, applied, unchanged, skipped,
    quarantined, bad, faults
FROM export WHERE organisation = $1 AND state <> 'arriving' ORDER BY sent_at DESC, export_id LIMIT 10

-- name: to_take
SELECT export_id, organisation, role, person_ref, state, sent_at, header, received, applied, unchanged, skipped,
    quarantined, bad, faults
FROM export WHERE state = 'taking' ORDER BY sent_at, export_id LIMIT 1

-- name: next_refs
-- The next pupils of a file: all rows of one pupil are taken together.
SELECT DISTINCT pupil_ref FROM export_row WHERE export_id = $1 AND reason IS NULL AND pupil_ref > $2
ORDER BY pupil_ref LIMIT $3

-- name: take
DELETE FROM export_row WHERE export_id = $1 AND reason IS NULL AND pupil_ref = ANY($2::text[])
RETURNING line, sealed, pupil_ref, application_id, mbo_institution, own_id, source_system, row_id, version, programme,
    pathway, status, at, arrived, start

-- name: take_bad
DELETE FROM export_row WHERE (export_id, line) IN (
    SELECT export_id, line FROM export_row WHERE export_id = $1 AND reason IS NOT NULL ORDER BY line LIMIT $2)
RETURNING line, sealed, reason, faults, pupil_ref

-- name: count
UPDATE export SET applied = applied + $2, unchanged = unchanged + $3, skipped = skipped + $4, quarantined = quarantined + $5
WHERE export_id = $1

-- name: done
UPDATE export SET state = 'done' WHERE export_id = $1 AND state = 'taking'

-- name: forget
-- Files that nobody confirmed or that never became complete, and what became of old ones.
WITH gone AS (
    DELETE FROM export WHERE state IN ('arriving', 'arrived') AND sent_at <= $1 OR state = 'done' AND sent_at <= $2
    RETURNING export_id)
DELETE FROM export_row r USING gone WHERE r.export_id = gone.export_id

-- name: applications
-- Applications of any institution, locked in key order.
SELECT application_id, own_id, pupil_ref, cohort, programme, pathway, status, status_at, channel, start, shadow,
    reason, arrived_at
FROM application WHERE application_id = ANY($1::text[]) ORDER BY application_id FOR UPDATE

-- name: facts
SELECT application_id, source_system, row_id, version, programme, pathway, status, at, arrived, start, reason
FROM fact WHERE application_id = ANY($1::text[])

-- name: save_applications
INSERT INTO application (mbo_institution, application_id, own_id, pupil_ref, cohort, programme, pathway, status, status_at,
    channel, start, shadow, reason, arrived_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::text[],
    $9::timestamptz[], $10::text[], $11::date[], $12::boolean[], $13::text[], $14::timestamptz[])
ON CONFLICT (application_id) DO UPDATE SET cohort = excluded.cohort, programme = excluded.programme,
    pathway = excluded.pathway, status = excluded.status, status_at = excluded.status_at, channel = excluded.channel,
    start = excluded.start, reason = excluded.reason, arrived_at = excluded.arrived_at

-- name: save_facts
-- Of two that differ under one key, the one that was told first stands: the caller has chosen.
INSERT INTO fact (mbo_institution, application_id, source_system, row_id, version, programme, pathway, status, at, arrived,
    start, reason)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[],
    $9::timestamptz[], $10::timestamptz[], $11::date[], $12::text[])
ON CONFLICT (application_id, source_system, row_id, version) DO UPDATE SET programme = excluded.programme,
    pathway = excluded.pathway, status = excluded.status, at = excluded.at, arrived = excluded.arrived,
    start = excluded.start, reason = excluded.reason

-- name: shadows
-- Pupils whom an institution knows from the chain alone.
SELECT pupil_ref, min(cohort) AS cohort, max(status_at) AS last_at, array_agg(own_id ORDER BY own_id) AS own_ids,
    array_agg(programme ORDER BY own_id) AS programmes, array_agg(status ORDER BY own_id) AS statuses
FROM application WHERE mbo_institution = $1 AND shadow AND pupil_ref > $2
GROUP BY pupil_ref ORDER BY pupil_ref LIMIT $3

-- name: shadow
SELECT pupil_ref, min(cohort) AS cohort, max(status_at) AS last_at, array_agg(own_id ORDER BY own_id) AS own_ids,
    array_agg(programme ORDER BY own_id) AS programmes, array_agg(status ORDER BY own_id) AS statuses
FROM application WHERE mbo_institution = $1 AND shadow AND pupil_ref = $2 GROUP BY pupil_ref

-- name: count_shadows
SELECT count(DISTINCT pupil_ref) FROM application WHERE mbo_institution = $1 AND shadow

-- name: has_shadow
SELECT EXISTS (SELECT FROM application WHERE mbo_institution = $1 AND shadow AND pupil_ref = $2)

-- name: is_shadow
SELECT is_shadow($1)

-- name: ask_link
INSERT INTO shadow_link (shadow, pupil_ref, organisation, role, person_ref) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING shadow

-- name: asked_links
DELETE FROM shadow_link WHERE shadow = ANY($1::text[]) RETURNING shadow, pupil_ref, organisation, role, person_ref

-- name: shadows_among
-- Applications of these pupils that are a shadow's.
SELECT application_id FROM application WHERE shadow AND pupil_ref = ANY($1::text[])

-- name: unshadowed
-- Of these applications, those whose pupil has become known.
SELECT mbo_institution, application_id, own_id, pupil_ref, cohort, programme, pathway, status, status_at, channel, start,
    shadow, reason, arrived_at
FROM application WHERE application_id = ANY($1::text[]) AND NOT shadow ORDER BY application_id
