-- What an audit reads: the published history of these references, and what is stored of them. Keys go first.

-- name: references
-- Everybody of whom anything was ever told or is stored.
SELECT ref FROM (
    SELECT subject AS ref FROM stream WHERE length(subject) = 26 UNION SELECT pupil_ref FROM pupil
    UNION SELECT pupil_ref FROM transition UNION SELECT pupil_ref FROM custody
    UNION SELECT pupil_ref FROM offer UNION SELECT pupil_ref FROM action UNION SELECT pupil_ref FROM risk) everybody

-- name: told
SELECT subject, recorded_at, type, payload FROM event_log
WHERE subject = ANY($1::text[]) AND type = ANY($2::text[]) ORDER BY subject, sequence

-- name: transition
SELECT pupil_ref, cohort, '' AS key, opened_at, agreement, origin, region, outcome, closed_at, evidence, reopened,
    custody_n, next_action, actions
FROM transition WHERE pupil_ref = ANY($1::text[])

-- name: custody
SELECT pupil_ref, cohort, n::text AS key, since, prev_since, organisation, role, contact, deputy, basis, situation
FROM custody WHERE pupil_ref = ANY($1::text[])

-- name: offer
SELECT pupil_ref, cohort, offer_id AS key, n, organisation, role, contact, deputy, holder, situation, basis, offered_at,
    answer_by, starts_on, state, ended_at, reason, note_ref
FROM offer WHERE pupil_ref = ANY($1::text[])

-- name: action
SELECT pupil_ref, cohort, action_id AS key, number, kind, organisation, role, contact, deputy, due_at, window_from,
    window_until, severity, step,
    opened_at, escalated_at, done_at, reason
FROM action WHERE pupil_ref = ANY($1::text[])

-- name: risk
SELECT pupil_ref, cohort, risk_id, rule, about, severity, evidence, route, agreement, fired_at, known_until,
    cleared_at, dismissed_reason
FROM risk WHERE pupil_ref = ANY($1::text[])

-- name: partners
-- Organisations of which anything was ever told, or of which anything is stored that is told.
SELECT code FROM (
    SELECT organisation AS code FROM partner WHERE numbered > 0 OR silent_since IS NOT NULL
    UNION SELECT organisation FROM task
    UNION SELECT subject FROM event_log WHERE type = ANY($1::text[])) told ORDER BY code

-- name: partner
SELECT organisation, '' AS key, silent_since, silent_allowed, silent_agreement, numbered FROM partner
WHERE organisation = ANY($1::text[])

-- name: task
SELECT organisation, task_id AS key, number, kind, about, owner_organisation, owner_role, owner_contact, owner_deputy,
    due_at, window_until, severity, agreement, opened_at, step, escalated_at, done_at, evidence
FROM task WHERE organisation = ANY($1::text[])

-- name: roots
-- Every child of whom anything is known, by the reference that survives.
SELECT DISTINCT root FROM pupil

-- name: references_of
SELECT pupil_ref, root, erased, name FROM pupil WHERE root = ANY($1::text[])

-- name: links_of
SELECT survivor AS end, survivor, absorbed FROM link WHERE survivor = ANY($1::text[])
UNION SELECT absorbed, survivor, absorbed FROM link WHERE absorbed = ANY($1::text[])

-- name: facts_of
SELECT pupil_ref, entity, type, sequence, recorded_at, body, first_at FROM fact WHERE pupil_ref = ANY($1::text[])

-- name: linked
-- Of whom others told that two references are one child, as far as it was handled here.
SELECT e.subject FROM dossier.event_log e JOIN inbox i USING (event_id)
WHERE e.subject = ANY($1::text[]) AND e.type = 'pupil-linked'
UNION SELECT e.subject FROM intake.event_log e JOIN inbox i USING (event_id)
WHERE e.subject = ANY($1::text[]) AND e.type = 'pupil-linked'

-- name: erased
SELECT subject FROM event_log WHERE subject = ANY($1::text[]) AND type = 'erasure-confirmed'

-- name: set_apart
SELECT subject FROM quarantine WHERE subject = ANY($1::text[]) AND state <> 'replayed'

-- name: heard
-- What others told, as far as it was handled here, in order.
SELECT 'dossier' AS source, e.subject, e.sequence, e.event_id, e.type, e.recorded_at, e.payload
FROM dossier.event_log e JOIN inbox i USING (event_id) WHERE e.subject = ANY($1::text[]) AND e.type = ANY($2::text[])
UNION ALL
SELECT 'intake', e.subject, e.sequence, e.event_id, e.type, e.recorded_at, e.payload
FROM intake.event_log e JOIN inbox i USING (event_id) WHERE e.subject = ANY($1::text[]) AND e.type = ANY($2::text[])
ORDER BY source, subject, sequence
