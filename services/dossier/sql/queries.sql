-- Queries of the dossier. Where a web process asks, the organisation stands in the query as well as in the policies.

-- name: roots
-- Absorbed references among these, with the one that stands for them.
SELECT absorbed, survivor FROM alias WHERE absorbed = ANY($1::text[])

-- name: hold_links
-- One joining at a time: two that meet by way of absorbed references lock no stream in common.
SELECT pg_advisory_xact_lock(hashtext('dossier.identity'))

-- name: erased_among
SELECT pupil_ref FROM erased WHERE pupil_ref = ANY($1::text[])

-- name: site_list
-- Everybody a site ever listed for a cohort, locked.
SELECT pupil_ref, cohort, vo_site, number, first_name, prefix, last_name, birth_date, postcode, municipality,
    basic_qualification, track, class_name, mentor, deputy, listed
FROM pupil WHERE vo_site = $1 AND cohort = $2 ORDER BY pupil_ref FOR UPDATE

-- name: save_pupils
INSERT INTO pupil (pupil_ref, cohort, vo_site, number, first_name, prefix, last_name, birth_date, postcode, municipality,
    basic_qualification, track, class_name, mentor, deputy, listed, pgn)
SELECT * FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[],
    $9::text[], $10::text[], $11::boolean[], $12::text[], $13::text[], $14::text[], $15::text[], $16::boolean[],
    $17::bytea[])
ON CONFLICT (pupil_ref, cohort, vo_site) DO UPDATE SET number = excluded.number, first_name = excluded.first_name,
    prefix = excluded.prefix, last_name = excluded.last_name, birth_date = excluded.birth_date,
    postcode = excluded.postcode, municipality = excluded.municipality,
    basic_qualification = excluded.basic_qualification, track = excluded.track, class_name = excluded.class_name,
    mentor = excluded.mentor, deputy = excluded.deputy, listed = excluded.listed, pgn = excluded.pgn

-- name: mark_absent
UPDATE pupil SET listed = false WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = ANY($3::text[])

-- name: refs_by_number
-- Whom the school means by its own numbers; the listed one when a number was given out again.
SELECT DISTINCT ON (cohort, number) cohort, number, pupil_ref FROM pupil
WHERE vo_site = $1 AND (cohort, number) IN (SELECT * FROM unnest($2::smallint[], $3::text[]))
ORDER BY cohort, number, listed DESC, pupil_ref

-- name: cohorts
SELECT DISTINCT cohort FROM pupil WHERE vo_site = $1 ORDER BY cohort DESC

-- name: pupils
-- Pupils of a site, of one cohort or of all, one pupil or all.
SELECT pupil_ref, cohort, vo_site, number, first_name, prefix, last_name, birth_date, postcode, municipality,
    basic_qualification, track, class_name, mentor, deputy, listed
FROM pupil WHERE vo_site = $1 AND ($2::int IS NULL OR cohort = $2) AND ($3::text IS NULL OR pupil_ref = $3)
ORDER BY last_name, first_name, pupil_ref, cohort DESC

-- name: page_of_pupils
SELECT pupil_ref, cohort, vo_site, number, first_name, prefix, last_name, birth_date, postcode, municipality,
    basic_qualification, track, class_name, mentor, deputy, listed
FROM pupil WHERE vo_site = $1 AND ($2::int IS NULL OR cohort = $2) AND pupil_ref || '-' || cohort > $3 COLLATE "C"
ORDER BY (pupil_ref || '-' || cohort) COLLATE "C" LIMIT $4

-- name: choices
SELECT choice_id, pupil_ref, cohort, vo_site, mbo_institution, programme, level, pathway, preference, start, withdrawn
FROM choice WHERE vo_site = $1 AND pupil_ref = ANY($2::text[]) ORDER BY pupil_ref, preference, choice_id

-- name: save_choices
INSERT INTO choice (choice_id, pupil_ref, cohort, vo_site, mbo_institution, programme, level, pathway, preference, start,
    withdrawn)
SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::smallint[],
    $8::text[], $9::smallint[], $10::date[], $11::boolean[])
ON CONFLICT (choice_id, vo_site) DO UPDATE SET level = excluded.level, pathway = excluded.pathway,
    preference = excluded.preference, start = excluded.start, withdrawn = excluded.withdrawn

-- name: applications
-- Applications of these pupils as last told to who asks: a school, by what happened until it heard no more of the pupil.
-- What is told under the pupil's own reference goes before what was told under an absorbed one.
WITH family AS MATERIALIZED (
    SELECT pupil_ref, subject, CASE WHEN told_late(subject) THEN subject END AS late FROM (
        SELECT ref AS pupil_ref, ref AS subject FROM unnest($1::text[]) AS ref
        UNION ALL SELECT survivor, absorbed FROM alias WHERE survivor = ANY($1::text[])) AS everybody
), heard AS MATERIALIZED (
    SELECT f.pupil_ref, f.subject <> f.pupil_ref AS absorbed, a.entity, a.key, a.cohort, a.sequence, a.state
    FROM family f
    -- By subject, one after the other: a policy looks at every row that is read. Of what was told too late an earlier step
    -- may have been in time.
    CROSS JOIN LATERAL (SELECT entity, key, cohort, sequence, state FROM told
            WHERE subject = f.subject AND entity IN ('application', 'intake')
        UNION ALL SELECT entity, key, cohort, sequence, detail FROM step
            WHERE subject = f.late AND entity IN ('application', 'intake') OFFSET 0) AS a
    WHERE $2::int IS NULL OR a.cohort = $2
), until AS (
    SELECT pupil_ref, cohort, hears_until(pupil_ref, cohort) AS ends
    FROM (SELECT DISTINCT pupil_ref, cohort FROM heard) AS asked
), newest AS (
    SELECT DISTINCT ON (pupil_ref, entity, key) pupil_ref, entity, key, cohort, state
    FROM heard JOIN until USING (pupil_ref, cohort) WHERE (state->>'occurred_at')::timestamptz < ends
    ORDER BY pupil_ref, entity, key, absorbed, sequence DESC
)
SELECT a.pupil_ref, a.cohort, a.key AS application_id, a.state->>'mbo_institution' AS mbo_institution,
    a.state->>'programme' AS programme, a.state->>'status' AS status,
    (a.state->>'status_at')::timestamptz AS status_at, i.state->>'outcome' AS outcome,
    (i.state->>'held_on')::date AS held_on
FROM newest a LEFT JOIN newest i ON (i.pupil_ref, i.key, i.entity) = (a.pupil_ref, a.key, 'intake')
WHERE a.entity = 'application' ORDER BY a.pupil_ref, a.key

-- name: told
-- What was told about a pupil's transition: custodian, actions, alerts; to a school what happened while it heard of them.
SELECT entity, subject, key, cohort, sequence, type, at, state FROM told
WHERE subject = $1 AND cohort = $2 AND (state->>'occurred_at')::timestamptz < (SELECT hears_until($1, $2))
ORDER BY at, sequence

-- name: told_sequences
SELECT t.entity, t.subject, t.key, t.sequence FROM told t
WHERE t.subject = ANY($1::text[]) ORDER BY t.subject, t.entity, t.key FOR UPDATE

-- name: save_told
INSERT INTO told (entity, subject, key, cohort, sequence, type, at, state)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::bigint[], $6::text[], $7::timestamptz[],
    $8::jsonb[])
ON CONFLICT (entity, subject, key) DO UPDATE SET cohort = excluded.cohort, sequence = excluded.sequence,
    type = excluded.type, at = excluded.at, state = excluded.state

-- name: organisation_sequences
SELECT code, sequence FROM organisation WHERE code = ANY($1::text[]) ORDER BY code FOR UPDATE

-- name: save_organisations
INSERT INTO organisation (code, kind, name, contacts, sequence, region)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::bigint[], $6::text[])
ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, name = excluded.name, contacts = excluded.contacts,
    sequence = excluded.sequence, region = excluded.region

-- name: organisations
SELECT code, kind, name, contacts, sequence, region FROM organisation
WHERE code = ANY($1::text[]) OR kind = $2 ORDER BY name, code

-- name: handovers
-- Handovers of these pupils by one site.
SELECT handover_id, pupil_ref, cohort, vo_site, mbo_institution, kind, status, categories, withheld, not_present,
    informed_on, received_at, offered_at, opened_at, accepted_at, ended_at, reason, reason_text
FROM handover WHERE vo_site = $1 AND pupil_ref = ANY($2::text[]) ORDER BY handover_id

-- name: handover
-- One handover, for either side of it.
SELECT handover_id, pupil_ref, cohort, vo_site, mbo_institution, kind, status, categories, withheld, not_present,
    informed_on, received_at, offered_at, opened_at, accepted_at, ended_at, reason, reason_text
FROM handover WHERE handover_id = $1 AND (vo_site = $2 OR (mbo_institution = $2 AND status <> 'draft'))

-- name: lock_handover
SELECT handover_id, pupil_ref, cohort, vo_site, mbo_institution, kind, status, categories, withheld, not_present,
    informed_on, received_at, offered_at, opened_at, accepted_at, ended_at, reason, reason_text
FROM handover WHERE handover_id = $1 AND (vo_site = $2 OR (mbo_institution = $2 AND status <> 'draft')) FOR UPDATE

-- name: addressed
-- Everything ever offered to an institution, newest first.
SELECT handover_id, pupil_ref, cohort, vo_site, mbo_institution, kind, status, categories, withheld, not_present,
    informed_on, received_at, offered_at, opened_at, accepted_at, ended_at, reason, reason_text
FROM handover WHERE mbo_institution = $1 AND status <> 'draft' ORDER BY offered_at DESC, handover_id

-- name: page_of_handovers
-- What was ever offered by or to an organisation.
SELECT handover_id, pupil_ref, cohort, vo_site, mbo_institution, kind, status, categories, withheld, not_present,
    informed_on, received_at, offered_at, opened_at, accepted_at, ended_at, reason, reason_text
FROM handover WHERE (vo_site = $1 OR mbo_institution = $1) AND status <> 'draft' AND handover_id > $2 COLLATE "C"
ORDER BY handover_id COLLATE "C" LIMIT $3

-- name: offered_pupils
-- The pupils behind the handovers to an institution, as long as the offer stands and nobody objects to telling who.
SELECT p.pupil_ref, p.cohort, p.vo_site, p.number, p.first_name, p.prefix, p.last_name, p.birth_date, p.postcode,
    p.municipality, p.basic_qualification, p.track, p.class_name, p.mentor, p.deputy, p.listed
FROM pupil p JOIN handover h USING (pupil_ref, cohort, vo_site)
WHERE h.mbo_institution = $1 AND h.status IN ('offered', 'opened', 'accepted')
  AND h.categories && ARRAY['administrative', 'education_history']
  AND ($2::text IS NULL OR h.handover_id = $2)

-- name: offered_choices
-- The choices that belong to a dossier the institution has opened.
SELECT c.choice_id, c.pupil_ref, c.cohort, c.vo_site, c.mbo_institution, c.programme, c.level, c.pathway, c.preference,
    c.start, c.withdrawn
FROM choice c JOIN handover h USING (pupil_ref, cohort, vo_site, mbo_institution)
WHERE h.mbo_institution = $1 AND h.handover_id = $2 AND h.status IN ('opened', 'accepted')
  AND 'education_history' = ANY(h.categories)

-- name: handovers_so_far
SELECT pupil_ref, cohort, mbo_institution, handovers_so_far(pupil_ref, cohort, mbo_institution) AS n
FROM unnest($1::text[], $2::int[], $3::text[]) AS asked (pupil_ref, cohort, mbo_institution)

-- name: add_handovers
INSERT INTO handover (handover_id, pupil_ref, cohort, vo_site, mbo_institution, kind, status, categories, withheld,
    not_present, informed_on, offered_at)
SELECT handover_id, pupil_ref, cohort, vo_site, mbo_institution, kind, status, string_to_array(categories, ','),
    string_to_array(withheld, ','), string_to_array(not_present, ','), informed_on, offered_at
FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::date[], $12::timestamptz[])
    AS new (handover_id, pupil_ref, cohort, vo_site, mbo_institution, kind, status, categories, withheld, not_present,
    informed_on, offered_at)

-- name: lock_handovers
-- The handovers of one pupil that an objection may touch, locked.
SELECT handover_id, pupil_ref, cohort, vo_site, mbo_institution, kind, status, categories, withheld, not_present,
    informed_on, received_at, offered_at, opened_at, accepted_at, ended_at, reason, reason_text
FROM handover WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = $3 AND status IN ('offered', 'opened', 'accepted')
ORDER BY handover_id FOR UPDATE

-- name: move_handover
UPDATE handover SET status = $2, opened_at = $3, accepted_at = $4, ended_at = $5, reason = $6, reason_text = $7,
    categories = $8, withheld = $9, not_present = $10, informed_on = $11
WHERE handover_id = $1

-- name: receive_handovers
SELECT receive_handovers($1, $2, $3) AS handover_id

-- name: add_access
INSERT INTO access (handover_id, at, organisation, role, person_ref, categories, purpose, opening)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: accesses
SELECT a.handover_id, a.at, a.organisation, a.role, a.person_ref, a.categories, a.purpose, a.opening
FROM access a JOIN handover h USING (handover_id)
WHERE a.handover_id = ANY($1::text[]) AND (h.vo_site = $2 OR a.organisation = $2) ORDER BY a.at

-- name: link_pupils
SELECT link_pupils($1, $2)

-- name: erase_pupil
SELECT erase_pupil($1, $2, $3) AS pupil_ref

-- name: erasure
SELECT e.erased_at, c.service, c.confirmed_at FROM erased e LEFT JOIN confirmation c USING (pupil_ref)
WHERE e.pupil_ref = $1 AND e.vo_site = $2 ORDER BY c.confirmed_at, c.service

-- name: save_confirmations
INSERT INTO confirmation (pupil_ref, service, confirmed_at) SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[])
ON CONFLICT DO NOTHING
