-- Queries of coordination. Everything touched by a batch is read once and written once.

-- name: ensure_pupils
-- A row for each reference, so that it can be locked before anything is decided about it.
INSERT INTO pupil (pupil_ref, root) SELECT ref, ref FROM unnest($1::text[]) AS ref ORDER BY ref ON CONFLICT DO NOTHING

-- name: lock_pupils
-- These references and all others of the same children.
SELECT pupil_ref, root, erased, name FROM pupil WHERE pupil_ref = ANY($1::text[]) OR root = ANY($1::text[])
ORDER BY pupil_ref FOR UPDATE

-- name: links
SELECT survivor, absorbed FROM link WHERE survivor = ANY($1::text[]) OR absorbed = ANY($1::text[])

-- name: facts
SELECT pupil_ref, entity, type, sequence, recorded_at, body, first_at FROM fact WHERE pupil_ref = ANY($1::text[])

-- name: transitions
-- With the present custodian.
SELECT t.pupil_ref, t.cohort, t.opened_at, t.agreement, t.weighed_at, t.origin, t.region, t.outcome, t.closed_at,
    t.reopened, t.weigh_at, t.next_action, t.actions, t.residence, t.heard_from, t.follow_at, t.position, t.live, t.evidence, t.waiting_since, t.waiting_last,
    t.handled, t.checks, c.n, c.since, c.prev_since, c.organisation, c.role, c.contact, c.deputy, c.basis, c.situation
FROM transition t JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n)
WHERE t.pupil_ref = ANY($1::text[])

-- name: last_offers
-- Of each transition what was given back and did not lapse, and the last offer of custody, whatever became of it.
SELECT o.pupil_ref, o.cohort, o.n, o.organisation, o.role, o.contact, o.deputy, o.holder, o.state, o.offer_id, o.situation,
    o.basis, o.offered_at, o.answer_by, o.starts_on, o.ended_at, o.reason, o.note_ref
FROM offer o WHERE o.pupil_ref = ANY($1::text[]) AND (o.state IN ('returned', 'settled') OR NOT EXISTS (
    SELECT FROM offer l WHERE (l.pupil_ref, l.cohort) = (o.pupil_ref, o.cohort) AND l.n > o.n))
ORDER BY o.pupil_ref, o.cohort, o.n

-- name: open_actions
SELECT action_id, pupil_ref, cohort, number, kind, about, organisation, role, contact, deputy, due_at, severity, stage,
    step, opened_at, escalated_at, acknowledged_at, window_from, window_until
FROM action WHERE pupil_ref = ANY($1::text[]) AND open

-- name: risks
SELECT risk_id, pupil_ref, cohort, rule, about, severity, evidence, route, agreement, fired_at, known_until, cleared_at,
    handled, acknowledged_at, dismissed, dismissed_reason
FROM risk WHERE pupil_ref = ANY($1::text[])

-- name: save_pupils
INSERT INTO pupil (pupil_ref, root, erased, name)
SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[])
ON CONFLICT (pupil_ref) DO UPDATE SET root = excluded.root, erased = excluded.erased, name = excluded.name

-- name: save_links
INSERT INTO link (survivor, absorbed) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING

-- name: save_facts
INSERT INTO fact (pupil_ref, entity, type, sequence, recorded_at, body, first_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::jsonb[], $7::timestamptz[])
ON CONFLICT (pupil_ref, entity) DO UPDATE SET type = excluded.type, sequence = excluded.sequence,
    recorded_at = excluded.recorded_at, body = excluded.body, first_at = excluded.first_at

-- name: save_transitions
-- Lists come as text: an array of arrays would be one long array.
INSERT INTO transition (pupil_ref, cohort, opened_at, agreement, weighed_at, origin, region, outcome, closed_at,
    reopened, weigh_at, next_action, actions, residence, heard_from, follow_at, position, live, evidence, waiting_since,
    waiting_last, handled, checks, custody_n)
SELECT pupil_ref, cohort, opened_at, agreement, weighed_at, origin, region, outcome, closed_at, reopened,
    weigh_at, next_action, actions, residence, heard_from, follow_at, position, live::text[], evidence, waiting_since,
    waiting_last, handled::text[], checks, custody_n
FROM unnest($1::text[], $2::smallint[], $3::timestamptz[], $4::text[], $5::timestamptz[], $6::text[],
    $7::text[], $8::text[], $9::timestamptz[], $10::text[], $11::timestamptz[], $12::text[], $13::int[],
    $14::text[], $15::date[], $16::timestamptz[], $17::text[], $18::text[], $19::jsonb[], $20::timestamptz[],
    $21::timestamptz[], $22::text[], $23::jsonb[], $24::smallint[])
    AS new (pupil_ref, cohort, opened_at, agreement, weighed_at, origin, region, outcome, closed_at, reopened,
        weigh_at, next_action, actions, residence, heard_from, follow_at, position, live, evidence, waiting_since, waiting_last,
        handled, checks, custody_n)
ON CONFLICT (pupil_ref, cohort) DO UPDATE SET opened_at = excluded.opened_at, agreement = excluded.agreement,
    weighed_at = excluded.weighed_at, origin = excluded.origin, region = excluded.region, outcome =
    excluded.outcome, closed_at = excluded.closed_at, reopened = excluded.reopened, weigh_at = excluded.weigh_at,
    next_action = excluded.next_action, actions = excluded.actions, residence = excluded.residence, heard_from =
    excluded.heard_from, follow_at = excluded.follow_at, position = excluded.position, live = excluded.live, evidence = excluded.evidence,
    waiting_since = excluded.waiting_since, waiting_last = excluded.waiting_last, handled = excluded.handled, checks
    = excluded.checks, custody_n = excluded.custody_n

-- name: append_custody
INSERT INTO custody (pupil_ref, cohort, n, since, prev_since, organisation, role, contact, deputy, basis, situation)
SELECT * FROM unnest($1::text[], $2::smallint[], $3::smallint[], $4::timestamptz[], $5::timestamptz[], $6::text[],
    $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])

-- name: save_offers
INSERT INTO offer (pupil_ref, cohort, n, organisation, role, contact, deputy, holder, state, offer_id, situation, basis,
    offered_at, answer_by, starts_on, ended_at, reason, note_ref)
SELECT * FROM unnest($1::text[], $2::smallint[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::jsonb[], $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::date[],
    $16::timestamptz[], $17::text[], $18::text[])
ON CONFLICT (pupil_ref, cohort, n) DO UPDATE SET organisation = excluded.organisation, role = excluded.role,
    contact = excluded.contact, deputy = excluded.deputy, state = excluded.state, answer_by = excluded.answer_by,
    starts_on = excluded.starts_on, ended_at = excluded.ended_at, reason = excluded.reason, note_ref = excluded.note_ref

-- name: save_actions
INSERT INTO action (action_id, pupil_ref, cohort, number, kind, about, organisation, role, contact, deputy, due_at,
    severity, stage, step, opened_at, escalated_at, done_at, reason, acknowledged_at, window_from, window_until)
SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::timestamptz[], $12::smallint[], $13::smallint[], $14::smallint[], $15::timestamptz[],
    $16::timestamptz[], $17::timestamptz[], $18::text[], $19::timestamptz[], $20::timestamptz[], $21::timestamptz[])
ON CONFLICT (action_id) DO UPDATE SET organisation = excluded.organisation, role = excluded.role,
    contact = excluded.contact, deputy = excluded.deputy, due_at = excluded.due_at, severity = excluded.severity,
    stage = excluded.stage, step = excluded.step, opened_at = excluded.opened_at, escalated_at = excluded.escalated_at,
    done_at = excluded.done_at, reason = excluded.reason, acknowledged_at = excluded.acknowledged_at,
    window_from = excluded.window_from, window_until = excluded.window_until

-- name: save_risks
INSERT INTO risk (risk_id, pupil_ref, cohort, rule, about, severity, evidence, route, agreement, fired_at, known_until,
    cleared_at, handled, acknowledged_at, dismissed, dismissed_reason)
SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::jsonb[],
    $9::text[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::timestamptz[], $15::text[],
    $16::text[])
ON CONFLICT (risk_id) DO UPDATE SET severity = excluded.severity, evidence = excluded.evidence, route = excluded.route,
    agreement = excluded.agreement, fired_at = excluded.fired_at, known_until = excluded.known_until,
    cleared_at = excluded.cleared_at, handled = excluded.handled, acknowledged_at = excluded.acknowledged_at,
    dismissed = excluded.dismissed, dismissed_reason = excluded.dismissed_reason

-- name: erase
-- All rows of these references; that they were erased is remembered.
WITH facts AS (DELETE FROM fact WHERE pupil_ref = ANY($1::text[])),
    transitions AS (DELETE FROM transition WHERE pupil_ref = ANY($1::text[])),
    custodies AS (DELETE FROM custody WHERE pupil_ref = ANY($1::text[])),
    offers AS (DELETE FROM offer WHERE pupil_ref = ANY($1::text[])),
    notes AS (DELETE FROM custody_note WHERE pupil_ref = ANY($1::text[])),
    decisions AS (DELETE FROM decision WHERE pupil_ref = ANY($1::text[])),
    risks AS (DELETE FROM risk WHERE pupil_ref = ANY($1::text[]))
DELETE FROM action WHERE pupil_ref = ANY($1::text[])

-- name: organisations
SELECT code, kind, name, region, municipality FROM organisation WHERE code = ANY($1::text[])

-- name: contacts
SELECT organisation, role, person_ref, name, email, deputy_ref, valid_from, valid_until, team FROM contact
WHERE organisation = ANY($1::text[]) ORDER BY organisation, role, valid_from DESC, name

-- name: my_actions
-- Open actions of one organisation, or of one person there; most urgent first.
SELECT a.action_id, a.pupil_ref, a.cohort, a.kind, a.due_at, a.window_from, a.window_until, a.severity, a.step, a.role, a.contact, p.name,
    t.next_action = a.action_id AS next, t.position,
    (SELECT coalesce(o.municipality, o.region) FROM organisation o WHERE o.code = a.organisation) AS place
FROM action a JOIN transition t USING (pupil_ref, cohort) JOIN pupil p USING (pupil_ref)
WHERE a.organisation = $1 AND ($2::text IS NULL OR a.contact = $2) AND a.open
ORDER BY a.due_at, a.severity DESC, a.action_id LIMIT $3 OFFSET $4

-- name: count_my_actions
SELECT count(*) FILTER (WHERE contact = $2) AS mine, count(*) AS everybody FROM action WHERE organisation = $1 AND open

-- name: pupil_of_action
SELECT pupil_ref FROM action WHERE action_id = $1 AND organisation = $2

-- name: pupil_of_signal
-- Whom a signal is about, for who sees the pupil.
SELECT pupil_ref FROM risk WHERE risk_id = $1

-- name: transitions_of
-- Transitions of one child that this organisation holds, is offered, or has an open action for.
SELECT t.pupil_ref, t.cohort, p.name, t.position, t.origin, t.region, t.opened_at, t.agreement, t.next_action
FROM transition t JOIN pupil p USING (pupil_ref)
JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n)
WHERE t.pupil_ref = $1 AND t.open AND (c.organisation = $2 OR EXISTS (
    SELECT FROM action a WHERE (a.pupil_ref, a.cohort) = (t.pupil_ref, t.cohort) AND a.open AND a.organisation = $2)
    OR is_offered(t.pupil_ref) AND EXISTS (
        SELECT FROM offer o WHERE (o.pupil_ref, o.cohort) = (t.pupil_ref, t.cohort) AND o.organisation = $2))
ORDER BY t.cohort

-- name: custody_of
SELECT n, since, organisation, role, contact, deputy, basis, situation FROM custody WHERE pupil_ref = $1 AND cohort = $2 ORDER BY n

-- name: actions_of
SELECT action_id, number, kind, organisation, role, contact, deputy, due_at, window_from, window_until, severity, step,
    opened_at, escalated_at, done_at, open, reason, acknowledged_at,
    (SELECT coalesce(o.municipality, o.region) FROM organisation o WHERE o.code = action.organisation) AS place
FROM action WHERE pupil_ref = $1 AND cohort = $2 ORDER BY open DESC, due_at, severity DESC, action_id

-- name: risks_of
SELECT risk_id, rule, severity, evidence, route, agreement, fired_at, known_until, cleared_at, acknowledged_at,
    dismissed_reason
FROM risk WHERE pupil_ref = $1 AND cohort = $2 ORDER BY cleared_at NULLS FIRST, fired_at

-- name: names_of_people
SELECT DISTINCT ON (person_ref) person_ref, name FROM contact WHERE person_ref = ANY($1::text[])

-- name: region_numbers
SELECT figure, label, detail, n FROM (
    SELECT figure, label, detail, n FROM region_numbers($1, $2)
    UNION ALL SELECT figure, label, detail, n FROM offer_numbers($1)) numbers
ORDER BY figure, n DESC, label, detail
