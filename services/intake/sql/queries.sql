-- Queries of intake. What the web side may see is narrowed here as well as by row-level security.

-- name: hold_links
-- Others may hold it too; who links or erases waits for all of them. Take it before reading aliases.
SELECT pg_advisory_xact_lock_shared(6951)

-- name: hold_links_alone
SELECT pg_advisory_xact_lock(6951)

-- name: resolve
SELECT ref, pupil_ref, known, erased FROM resolve($1)

-- name: applications
-- Applications of one institution by its own keys, locked in key order.
SELECT application_id, own_id, pupil_ref, cohort, programme, pathway, status, status_at, channel, start, shadow,
    reason, arrived_at
FROM application WHERE mbo_institution = $1 AND own_id = ANY($2::text[]) ORDER BY application_id FOR UPDATE

-- name: application
SELECT application_id, own_id, pupil_ref, cohort, programme, pathway, status, status_at, channel, start, shadow,
    reason, arrived_at
FROM application WHERE mbo_institution = $1 AND application_id = $2 FOR UPDATE

-- name: applications_of
SELECT application_id, own_id, pupil_ref, cohort, programme, pathway, status, status_at, channel, start, shadow,
    reason, arrived_at
FROM application WHERE mbo_institution = $1 AND application_id = ANY($2::text[]) ORDER BY application_id FOR UPDATE

-- name: facts
SELECT application_id, source_system, row_id, version, programme, pathway, status, at, arrived, start, reason
FROM fact WHERE mbo_institution = $1 AND application_id = ANY($2::text[])

-- name: save_applications
INSERT INTO application (application_id, mbo_institution, own_id, pupil_ref, cohort, programme, pathway, status,
    status_at, channel, start, shadow, reason, arrived_at)
SELECT application_id, $1, own_id, pupil_ref, cohort, programme, pathway, status, status_at, channel, start, shadow,
    reason, arrived_at
FROM unnest($2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
    $10::text[], $11::date[], $12::boolean[], $13::text[], $14::timestamptz[])
    AS new (application_id, own_id, pupil_ref, cohort, programme, pathway, status, status_at, channel, start, shadow,
        reason, arrived_at)
ON CONFLICT (application_id) DO UPDATE SET cohort = excluded.cohort, programme = excluded.programme,
    pathway = excluded.pathway, status = excluded.status, status_at = excluded.status_at, channel = excluded.channel,
    start = excluded.start, reason = excluded.reason, arrived_at = excluded.arrived_at

-- name: add_facts
INSERT INTO fact (application_id, mbo_institution, source_system, row_id, version, programme, pathway, status, at, arrived,
    start, reason)
SELECT application_id, $1, source_system, row_id, version, programme, pathway, status, at, arrived, start, reason
FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
    $10::timestamptz[], $11::date[], $12::text[])
    AS new (application_id, source_system, row_id, version, programme, pathway, status, at, arrived, start, reason)
ON CONFLICT DO NOTHING

-- name: met_here
-- Pupils whom this institution met first, as it described them.
SELECT pupil_ref, first_name, prefix, last_name, birth_date, municipality, as_of
FROM pupil WHERE met_at = $1 AND pupil_ref = ANY($2::text[])

-- name: meet_pupils
INSERT INTO pupil (stream, pupil_ref, first_name, prefix, last_name, birth_date, municipality, met_at, as_of)
SELECT pupil_ref, pupil_ref, first_name, prefix, last_name, birth_date, municipality, $1, as_of
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::text[], $8::timestamptz[])
    AS new (pupil_ref, first_name, prefix, last_name, birth_date, municipality, as_of)
ON CONFLICT (stream) DO UPDATE SET first_name = excluded.first_name, prefix = excluded.prefix,
    last_name = excluded.last_name, birth_date = excluded.birth_date, municipality = excluded.municipality,
    as_of = excluded.as_of

-- name: results
SELECT application_id, (says ->> 'held_on')::date AS held_on, says ->> 'outcome' AS outcome, says ->> 'reason' AS reason,
    arrived AS recorded_at
FROM step WHERE mbo_institution = $1 AND application_id = ANY($2::text[]) AND entity = 'intake' AND kind = 'result'
ORDER BY n

-- name: erase_met_here
SELECT erase_met_here($1)

-- name: erase
SELECT erase($1)

-- name: absorbed_by
SELECT absorbed_by($1)

-- name: save_pupils
-- As a vo school tells it: that stands above what an institution told.
INSERT INTO pupil (stream, pupil_ref, sequence, first_name, prefix, last_name, birth_date, municipality)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::date[], $8::text[])
ON CONFLICT (stream) DO UPDATE SET sequence = excluded.sequence, first_name = excluded.first_name,
    prefix = excluded.prefix, last_name = excluded.last_name, birth_date = excluded.birth_date,
    municipality = excluded.municipality, met_at = NULL, as_of = NULL
WHERE pupil.sequence < excluded.sequence

-- name: save_choices
INSERT INTO choice (choice_id, stream, sequence, told_at, pupil_ref, cohort, vo_site, mbo_institution, programme, pathway,
    preference, withdrawn)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::smallint[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::smallint[], $12::boolean[])
ON CONFLICT (choice_id) DO UPDATE SET stream = excluded.stream, sequence = excluded.sequence, told_at = excluded.told_at,
    pupil_ref = excluded.pupil_ref, cohort = excluded.cohort, vo_site = excluded.vo_site,
    mbo_institution = excluded.mbo_institution, programme = excluded.programme, pathway = excluded.pathway,
    preference = excluded.preference, withdrawn = excluded.withdrawn
WHERE CASE WHEN choice.stream = excluded.stream THEN choice.sequence < excluded.sequence
           ELSE (choice.told_at, choice.stream) < (excluded.told_at, excluded.stream) END

-- name: save_handovers
INSERT INTO handover (handover_id, stream, sequence, told_at, pupil_ref, cohort, vo_site, mbo_institution, kind, status,
    offered_at, opened_at, accepted_at, ended_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::smallint[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[])
ON CONFLICT (handover_id) DO UPDATE SET stream = excluded.stream, sequence = excluded.sequence,
    told_at = excluded.told_at, pupil_ref = excluded.pupil_ref, status = excluded.status, kind = excluded.kind,
    offered_at = excluded.offered_at, opened_at = excluded.opened_at, accepted_at = excluded.accepted_at,
    ended_at = excluded.ended_at
WHERE CASE WHEN handover.stream = excluded.stream THEN handover.sequence < excluded.sequence
           ELSE (handover.told_at, handover.stream) < (excluded.told_at, excluded.stream) END

-- name: save_alerts
INSERT INTO alert (alert_id, stream, sequence, told_at, pupil_ref, organisation, rule, severity, status, raised_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::timestamptz[])
ON CONFLICT (alert_id) DO UPDATE SET stream = excluded.stream, sequence = excluded.sequence, told_at = excluded.told_at,
    pupil_ref = excluded.pupil_ref, organisation = excluded.organisation, severity = excluded.severity,
    status = excluded.status
WHERE CASE WHEN alert.stream = excluded.stream THEN alert.sequence < excluded.sequence
           ELSE (alert.told_at, alert.stream) < (excluded.told_at, excluded.stream) END

-- name: save_talks
INSERT INTO talk (talk_id, stream, sequence, told_at, pupil_ref, cohort, mbo_institution, status, hold_by, planned_at,
    follow_up)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::smallint[], $7::text[],
    $8::text[], $9::date[], $10::timestamptz[], $11::date[])
ON CONFLICT (talk_id) DO UPDATE SET stream = excluded.stream, sequence = excluded.sequence, told_at = excluded.told_at,
    pupil_ref = excluded.pupil_ref, status = excluded.status, hold_by = excluded.hold_by,
    planned_at = excluded.planned_at, follow_up = excluded.follow_up
WHERE CASE WHEN talk.stream = excluded.stream THEN talk.sequence < excluded.sequence
           ELSE (talk.told_at, talk.stream) < (excluded.told_at, excluded.stream) END

-- name: save_actions
INSERT INTO action (action_id, stream, sequence, told_at, pupil_ref, cohort, organisation, role, contact, deputy, due_at,
    done)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::smallint[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::boolean[])
ON CONFLICT (action_id) DO UPDATE SET stream = excluded.stream, sequence = excluded.sequence,
    told_at = excluded.told_at, pupil_ref = excluded.pupil_ref, organisation = excluded.organisation,
    role = excluded.role, contact = excluded.contact, deputy = excluded.deputy, due_at = excluded.due_at,
    done = excluded.done
WHERE CASE WHEN action.stream = excluded.stream THEN action.sequence < excluded.sequence
           ELSE (action.told_at, action.stream) < (excluded.told_at, excluded.stream) END

-- name: save_expectations
INSERT INTO expectation (stream, pupil_ref, sequence, cohort, vo_site, track)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::smallint[], $5::text[], $6::text[])
ON CONFLICT (stream, cohort) DO UPDATE SET sequence = excluded.sequence, vo_site = excluded.vo_site, track = excluded.track
WHERE expectation.sequence < excluded.sequence

-- name: save_custodies
INSERT INTO custody (stream, pupil_ref, sequence, cohort, organisation, role, since)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::smallint[], $5::text[], $6::text[], $7::timestamptz[])
ON CONFLICT (stream, cohort) DO UPDATE SET sequence = excluded.sequence, organisation = excluded.organisation,
    role = excluded.role, since = excluded.since
WHERE custody.sequence < excluded.sequence

-- name: save_organisations
INSERT INTO organisation (code, sequence, name) SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])
ON CONFLICT (code) DO UPDATE SET sequence = excluded.sequence, name = excluded.name
WHERE organisation.sequence < excluded.sequence

-- name: add_links
INSERT INTO link (survivor, absorbed) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING

-- name: links_around
-- Every link of the groups that these references belong to.
WITH RECURSIVE near (ref) AS (
    SELECT unnest($1::text[])
    UNION SELECT CASE WHEN l.absorbed = near.ref THEN l.survivor ELSE l.absorbed END
    FROM near JOIN link l ON near.ref IN (l.absorbed, l.survivor))
SELECT DISTINCT l.survivor, l.absorbed FROM near JOIN link l ON near.ref IN (l.absorbed, l.survivor)

-- name: save_aliases
INSERT INTO alias (absorbed, survivor) SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT (absorbed) DO UPDATE SET survivor = excluded.survivor

-- name: drop_aliases
DELETE FROM alias WHERE absorbed = ANY($1::text[])

-- name: move_pupil
UPDATE pupil SET pupil_ref = new.survivor FROM unnest($1::text[], $2::text[]) AS new (ref, survivor)
WHERE pupil.pupil_ref = new.ref AND pupil.pupil_ref <> new.survivor

-- name: move_application
-- An application of a shadow stays one only where it goes to another shadow.
UPDATE application SET pupil_ref = new.survivor, shadow = shadow AND EXISTS (
    SELECT FROM application s WHERE s.pupil_ref = new.survivor AND s.shadow)
FROM unnest($1::text[], $2::text[]) AS new (ref, survivor)
WHERE application.pupil_ref = new.ref AND application.pupil_ref <> new.survivor

-- name: move_choice
UPDATE choice SET pupil_ref = new.survivor FROM unnest($1::text[], $2::text[]) AS new (ref, survivor)
WHERE choice.pupil_ref = new.ref AND choice.pupil_ref <> new.survivor

-- name: move_handover
UPDATE handover SET pupil_ref = new.survivor FROM unnest($1::text[], $2::text[]) AS new (ref, survivor)
WHERE handover.pupil_ref = new.ref AND handover.pupil_ref <> new.survivor

-- name: move_alert
UPDATE alert SET pupil_ref = new.survivor FROM unnest($1::text[], $2::text[]) AS new (ref, survivor)
WHERE alert.pupil_ref = new.ref AND alert.pupil_ref <> new.survivor

-- name: move_talk
UPDATE talk SET pupil_ref = new.survivor FROM unnest($1::text[], $2::text[]) AS new (ref, survivor)
WHERE talk.pupil_ref = new.ref AND talk.pupil_ref <> new.survivor

-- name: move_action
UPDATE action SET pupil_ref = new.survivor FROM unnest($1::text[], $2::text[]) AS new (ref, survivor)
WHERE action.pupil_ref = new.ref AND action.pupil_ref <> new.survivor

-- name: move_expectation
UPDATE expectation SET pupil_ref = new.survivor FROM unnest($1::text[], $2::text[]) AS new (ref, survivor)
WHERE expectation.pupil_ref = new.ref AND expectation.pupil_ref <> new.survivor

-- name: move_custody
UPDATE custody SET pupil_ref = new.survivor FROM unnest($1::text[], $2::text[]) AS new (ref, survivor)
WHERE custody.pupil_ref = new.ref AND custody.pupil_ref <> new.survivor

-- name: origin
-- Whether a school knows this pupil of this institution, and who met them first.
SELECT bool_or(p.met_at IS NULL) AS at_school, min(p.met_at) AS met_at FROM pupil p
WHERE p.pupil_ref = $2 AND EXISTS (
    SELECT FROM application a WHERE a.pupil_ref = p.pupil_ref AND a.mbo_institution = $1)
HAVING count(*) > 0

-- name: case
SELECT a.application_id, a.own_id, a.pupil_ref, a.cohort, a.programme, a.pathway, a.status, a.status_at,
    i.held_on, i.outcome, i.reason, p.birth_date, p.met_at,
    concat_ws(' ', p.first_name, nullif(p.prefix, ''), p.last_name) AS name,
    e.track, coalesce(school.name, e.vo_site) AS school,
    coalesce(holder.name, c.organisation) AS custodian, c.role AS custodian_role, c.since AS custodian_since,
    todo.due_at
FROM application a
LEFT JOIN LATERAL (SELECT min(x.due_at) AS due_at FROM action x
    WHERE x.organisation = $1 AND x.pupil_ref = a.pupil_ref AND x.cohort = a.cohort AND NOT x.done) todo ON true
LEFT JOIN intake i ON i.application_id = a.application_id
LEFT JOIN LATERAL (SELECT first_name, prefix, last_name, birth_date, met_at FROM pupil WHERE pupil.pupil_ref = a.pupil_ref
    ORDER BY met_at IS NOT NULL, stream <> pupil.pupil_ref, stream LIMIT 1) p ON true
LEFT JOIN LATERAL (SELECT vo_site, track FROM expectation x WHERE x.pupil_ref = a.pupil_ref AND x.cohort = a.cohort
    ORDER BY stream <> x.pupil_ref, stream LIMIT 1) e ON true
LEFT JOIN LATERAL (SELECT organisation, role, since FROM custody x WHERE x.pupil_ref = a.pupil_ref AND x.cohort = a.cohort
    ORDER BY stream <> x.pupil_ref, stream LIMIT 1) c ON true
LEFT JOIN organisation school ON school.code = e.vo_site
LEFT JOIN organisation holder ON holder.code = c.organisation
WHERE a.mbo_institution = $1 AND a.application_id = $2

-- name: handovers_of
SELECT h.handover_id, h.kind, h.status, h.offered_at, h.opened_at, h.accepted_at, h.ended_at,
    coalesce(o.name, h.vo_site) AS school
FROM handover h LEFT JOIN organisation o ON o.code = h.vo_site
WHERE h.mbo_institution = $1 AND h.pupil_ref = $2 ORDER BY h.offered_at DESC NULLS LAST, h.handover_id

-- name: alerts_of
SELECT alert_id, rule, severity, status, raised_at FROM alert
WHERE organisation = $1 AND pupil_ref = $2 AND status <> 'resolved' ORDER BY raised_at DESC, alert_id

-- name: page_of
SELECT a.application_id, a.own_id, a.pupil_ref, a.cohort, a.programme, a.pathway, a.status, a.status_at,
    i.held_on, i.outcome, i.reason
FROM application a LEFT JOIN intake i ON i.application_id = a.application_id
WHERE a.mbo_institution = $1 AND a.application_id > $2 ORDER BY a.application_id LIMIT $3

-- name: enrolment_of
SELECT application_id, state, first_day, checked_on, reason, contact_attempts, ended_on, end_reason, destination,
    to_institution, diploma, basic_qualification, version
FROM enrolment WHERE mbo_institution = $1 AND application_id = $2

-- name: switches_of
SELECT switch_id, status, to_institution, to_programme, to_level, to_application_id, switched_on, version
FROM switch WHERE mbo_institution = $1 AND application_id = $2 ORDER BY switched_on DESC, switch_id

-- name: talks_of
SELECT talk_id, status, planned_at, hold_by, follow_up FROM talk
WHERE mbo_institution = $1 AND pupil_ref = $2 ORDER BY hold_by DESC, talk_id
