-- Queries of notifications.

-- name: families
-- Every reference of these children. Aliases are locked, so that a link and an alert of one child wait for each other.
WITH stays AS (
    SELECT coalesce(a.survivor, r.ref) AS ref
    FROM unnest($1::text[]) AS r (ref) LEFT JOIN alias a ON a.absorbed = r.ref)
SELECT absorbed, survivor FROM alias WHERE survivor IN (SELECT ref FROM stays) ORDER BY absorbed FOR UPDATE

-- name: links
SELECT survivor, absorbed FROM link WHERE absorbed = ANY($1::text[]) OR survivor = ANY($1::text[])

-- name: erased
SELECT pupil_ref FROM erased WHERE pupil_ref = ANY($1::text[])

-- name: told
SELECT subject, source, entity, sequence, recorded_at, type, data FROM told WHERE subject = ANY($1::text[])

-- name: alerts_of_pupils
SELECT alert_id, pupil_ref, cause, told_as, cohort, rule, severity, evidence, route, agreement_version, known_until,
    organisation, role, person_ref, deputy_ref, raised_at, status, step, channel, delivered_at, acknowledged_at,
    in_progress_at, resolved_at, verdict, verdict_reason, due_at
FROM alert WHERE pupil_ref = ANY($1::text[]) ORDER BY alert_id FOR UPDATE

-- name: alerts
-- These alerts, where they belong to this organisation (NULL: to anybody), locked.
SELECT alert_id, pupil_ref, cause, told_as, cohort, rule, severity, evidence, route, agreement_version, known_until,
    organisation, role, person_ref, deputy_ref, raised_at, status, step, channel, delivered_at, acknowledged_at,
    in_progress_at, resolved_at, verdict, verdict_reason, due_at
FROM alert WHERE alert_id = ANY($1::text[]) AND ($2::text IS NULL OR organisation = $2) ORDER BY alert_id FOR UPDATE

-- name: subjects
-- Which pupils these alerts are about: their streams are locked before anything else.
SELECT DISTINCT pupil_ref FROM alert
WHERE alert_id = ANY($1::text[]) AND ($2::text IS NULL OR organisation = $2) ORDER BY pupil_ref

-- name: known_organisations
SELECT code, sequence FROM organisation WHERE code = ANY($1::text[]) ORDER BY code FOR UPDATE

-- name: save_told
INSERT INTO told (subject, source, entity, sequence, recorded_at, type, data)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[], $7::jsonb[])
ON CONFLICT (subject, source, entity) DO UPDATE SET sequence = excluded.sequence, recorded_at = excluded.recorded_at,
    type = excluded.type, data = excluded.data
WHERE told.sequence < excluded.sequence

-- name: save_pupils
INSERT INTO pupil (pupil_ref, first_name, prefix, last_name, birth_date, municipality, origin, track, destination,
    programme, level, holder_organisation, holder_role)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::smallint[], $12::text[], $13::text[])
ON CONFLICT (pupil_ref) DO UPDATE SET first_name = excluded.first_name, prefix = excluded.prefix,
    last_name = excluded.last_name, birth_date = excluded.birth_date, municipality = excluded.municipality,
    origin = excluded.origin, track = excluded.track, destination = excluded.destination,
    programme = excluded.programme, level = excluded.level, holder_organisation = excluded.holder_organisation,
    holder_role = excluded.holder_role

-- name: drop_pupils
DELETE FROM pupil WHERE pupil_ref = ANY($1::text[])

-- name: save_alerts
INSERT INTO alert (alert_id, pupil_ref, cause, told_as, cohort, rule, severity, evidence, route, agreement_version,
    known_until, organisation, role, person_ref, deputy_ref, raised_at, status, step, channel, delivered_at,
    acknowledged_at, in_progress_at, resolved_at, verdict, verdict_reason, due_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::text[],
    $8::jsonb[], $9::jsonb[], $10::text[], $11::timestamptz[], $12::text[], $13::text[], $14::text[], $15::text[],
    $16::timestamptz[], $17::text[], $18::smallint[], $19::text[], $20::timestamptz[], $21::timestamptz[],
    $22::timestamptz[], $23::timestamptz[], $24::text[], $25::text[], $26::timestamptz[])
ON CONFLICT (alert_id) DO UPDATE SET pupil_ref = excluded.pupil_ref, told_as = excluded.told_as,
    cohort = excluded.cohort, evidence = excluded.evidence, route = excluded.route,
    agreement_version = excluded.agreement_version, known_until = excluded.known_until,
    person_ref = excluded.person_ref, deputy_ref = excluded.deputy_ref, raised_at = excluded.raised_at,
    status = excluded.status, step = excluded.step, channel = excluded.channel,
    delivered_at = excluded.delivered_at, acknowledged_at = excluded.acknowledged_at,
    in_progress_at = excluded.in_progress_at, resolved_at = excluded.resolved_at, verdict = excluded.verdict, verdict_reason = excluded.verdict_reason,
    due_at = excluded.due_at

-- name: add_trail
INSERT INTO trail (alert_id, command, step, at, by_organisation, by_role, by_person)
SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])

-- name: add_deliveries
INSERT INTO delivery (alert_id, step, organisation, recipient_ref, due_at, traceparent)
SELECT * FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::timestamptz[], $6::text[])
ON CONFLICT DO NOTHING

-- name: cancel_deliveries
-- Nobody is mailed about what is over.
UPDATE delivery SET state = 'cancelled' WHERE alert_id = ANY($1::text[]) AND state IN ('waiting', 'no_address')

-- name: add_links
INSERT INTO link (survivor, absorbed) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING

-- name: save_aliases
INSERT INTO alias (absorbed, survivor) SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT (absorbed) DO UPDATE SET survivor = excluded.survivor

-- name: drop_aliases
DELETE FROM alias WHERE absorbed = ANY($1::text[])

-- name: add_erased
INSERT INTO erased (pupil_ref) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING

-- name: erase_told
DELETE FROM told WHERE subject = ANY($1::text[])

-- name: erase_alerts
-- Their history and deliveries go with them.
DELETE FROM alert WHERE pupil_ref = ANY($1::text[])

-- name: erase_links
DELETE FROM link WHERE absorbed = ANY($1::text[]) OR survivor = ANY($1::text[])

-- name: save_organisations
INSERT INTO organisation (code, sequence, kind, name, region)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[])
ON CONFLICT (code) DO UPDATE SET sequence = excluded.sequence, kind = excluded.kind, name = excluded.name,
    region = excluded.region

-- name: drop_contacts
DELETE FROM contact WHERE organisation = ANY($1::text[])

-- name: add_contacts
INSERT INTO contact (organisation, person_ref, role, name, email, deputy_ref, valid_from, valid_until)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[])

-- name: try_again_with_address
-- New contacts: mails that had no address get another chance.
UPDATE delivery SET state = 'waiting', failures = 0, error = NULL
WHERE organisation = ANY($1::text[]) AND state = 'no_address'

-- name: due_mails
-- What must go out now, with the address as it is today: of the person, else of the deputy, else of anybody in the role.
SELECT d.alert_id, d.step, d.failures, d.recipient_ref, a.pupil_ref AS subject, d.traceparent, a.severity, c.email
FROM delivery d JOIN alert a USING (alert_id)
LEFT JOIN LATERAL (
    SELECT email FROM contact c
    WHERE c.organisation = a.organisation AND c.valid_from <= $2 AND (c.valid_until IS NULL OR c.valid_until > $2)
      AND c.email <> '' AND (c.person_ref IN (d.recipient_ref, a.deputy_ref) OR c.role = a.role)
    ORDER BY CASE c.person_ref WHEN d.recipient_ref THEN 0 WHEN a.deputy_ref THEN 1 ELSE 2 END, c.person_ref
    LIMIT 1) c ON true
WHERE d.state = 'waiting' AND d.due_at <= $1 ORDER BY d.due_at, d.alert_id, d.step LIMIT $3

-- name: take_deliveries
-- Those of these that still wait. Another process that is busy with one has it.
SELECT d.alert_id, d.step FROM delivery d JOIN unnest($1::text[], $2::smallint[]) AS t (alert_id, step) USING (alert_id, step)
WHERE d.state = 'waiting' ORDER BY d.alert_id, d.step FOR UPDATE OF d SKIP LOCKED

-- name: save_deliveries
UPDATE delivery SET state = new.state, failures = new.failures, due_at = new.due_at, sent_at = new.sent_at,
    error = new.error
FROM unnest($1::text[], $2::smallint[], $3::text[], $4::smallint[], $5::timestamptz[], $6::timestamptz[], $7::text[])
    AS new (alert_id, step, state, failures, due_at, sent_at, error)
WHERE delivery.alert_id = new.alert_id AND delivery.step = new.step

-- name: open_rows
-- The rows of the inbox of one organisation, oldest first.
SELECT a.alert_id, a.pupil_ref AS about, a.rule, a.severity, a.status, a.step, a.role, a.person_ref, a.raised_at, a.acknowledged_at,
    a.resolved_at, a.verdict, a.due_at, p.first_name, p.prefix, p.last_name, p.birth_date, p.municipality, p.origin,
    p.track, p.destination, p.level
FROM alert a LEFT JOIN pupil p USING (pupil_ref)
WHERE a.organisation = $1 AND a.status <> 'resolved' ORDER BY a.raised_at, a.alert_id LIMIT $2

-- name: done_rows
SELECT a.alert_id, a.pupil_ref AS about, a.rule, a.severity, a.status, a.step, a.role, a.person_ref, a.raised_at, a.acknowledged_at,
    a.resolved_at, a.verdict, a.due_at, p.first_name, p.prefix, p.last_name, p.birth_date, p.municipality, p.origin,
    p.track, p.destination, p.level
FROM alert a LEFT JOIN pupil p USING (pupil_ref)
WHERE a.organisation = $1 AND a.status = 'resolved' ORDER BY a.resolved_at DESC, a.alert_id LIMIT $2

-- name: one_alert
SELECT alert_id, pupil_ref, cause, told_as, cohort, rule, severity, evidence, route, agreement_version, known_until,
    organisation, role, person_ref, deputy_ref, raised_at, status, step, channel, delivered_at, acknowledged_at,
    in_progress_at, resolved_at, verdict, verdict_reason, due_at
FROM alert WHERE alert_id = $1 AND organisation = $2

-- name: one_pupil
SELECT pupil_ref, first_name, prefix, last_name, birth_date, municipality, origin, track, destination, programme, level,
    holder_organisation, holder_role
FROM pupil WHERE pupil_ref = $1
  AND EXISTS (SELECT FROM alert WHERE alert.pupil_ref = pupil.pupil_ref AND alert.organisation = $2)

-- name: trail_of
SELECT command, step, at, by_organisation, by_role, by_person FROM trail WHERE alert_id = $1 ORDER BY seq

-- name: deliveries_of
SELECT step, state, failures, due_at, sent_at FROM delivery WHERE alert_id = $1 AND organisation = $2 ORDER BY step

-- name: organisation_names
SELECT code, name FROM organisation WHERE code = ANY($1::text[])

-- name: contact_names
-- Names of an organisation's own people.
SELECT person_ref, min(name) AS name FROM contact WHERE organisation = $1 GROUP BY person_ref

-- name: list_alerts
-- For the API: newest first, only what this organisation hears. NULL filters nothing.
SELECT alert_id, pupil_ref, cause, told_as, cohort, rule, severity, evidence, route, agreement_version, known_until,
    organisation, role, person_ref, deputy_ref, raised_at, status, step, channel, delivered_at, acknowledged_at,
    in_progress_at, resolved_at, verdict, verdict_reason, due_at
FROM alert
WHERE organisation = $1 AND ($2::text[] IS NULL OR status = ANY($2)) AND ($3::text[] IS NULL OR severity = ANY($3))
  AND ($4::text[] IS NULL OR rule = ANY($4))
  AND ($5::timestamptz IS NULL OR (raised_at, alert_id) < ($5, $6::text))
ORDER BY raised_at DESC, alert_id DESC LIMIT $7

-- name: delivery_counts
SELECT state, count(*) AS n FROM delivery GROUP BY state

-- name: delivery_trouble
-- Organisations whose mails do not arrive.
SELECT organisation, state, count(*) AS n, max(error) AS error FROM delivery
WHERE state IN ('no_address', 'failed') GROUP BY organisation, state ORDER BY n DESC, organisation, state LIMIT $1
