-- Queries of the Overstaptafel.

-- name: add_table
INSERT INTO case_table (table_id, region, held_on, planned_by, version) VALUES ($1, $2, $3, $4, $5)

-- name: keep_table
UPDATE case_table SET version = $2, closed_at = $3 WHERE table_id = $1

-- name: clear_seats
DELETE FROM seat WHERE table_id = $1 AND organisation <> ALL($2::text[])

-- name: add_seats
INSERT INTO seat (table_id, organisation) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING

-- name: table
SELECT m.table_id, m.region, m.held_on, m.planned_by, m.version, m.closed_at,
    ARRAY(SELECT s.organisation FROM seat s WHERE s.table_id = m.table_id ORDER BY 1) AS seats
FROM case_table m WHERE m.table_id = $1 AND ($2 = m.region OR $2 = m.planned_by OR EXISTS (
    SELECT FROM seat s WHERE s.table_id = m.table_id AND s.organisation = $2))

-- name: lock_table
SELECT FROM case_table WHERE table_id = $1 FOR UPDATE

-- name: tables
-- Tables of an organisation: at which it sits, that it planned, or of its region; the newest first.
SELECT m.table_id, m.region, m.held_on, m.planned_by, m.version, m.closed_at,
    ARRAY(SELECT s.organisation FROM seat s WHERE s.table_id = m.table_id ORDER BY 1) AS seats
FROM case_table m WHERE ($1 = m.region OR $1 = m.planned_by OR EXISTS (
    SELECT FROM seat s WHERE s.table_id = m.table_id AND s.organisation = $1))
ORDER BY m.closed_at IS NOT NULL, m.held_on DESC, m.table_id LIMIT $2

-- name: region_of_organisation
SELECT region FROM organisation WHERE code = $1

-- name: organisations_of_region
SELECT code, kind, name FROM organisation WHERE region = $1 ORDER BY kind DESC, name

-- name: agenda
-- One page of the agenda, the most urgent first: the gravest open signal, then the earliest due.
SELECT p.pupil_ref, t.cohort, p.name, t.position, t.origin, t.live, c.organisation AS holder, c.role AS holder_role,
    c.contact AS holder_contact, a.kind, a.organisation, a.role, a.contact, a.due_at, a.step, r.weight,
    (SELECT coalesce(o.municipality, o.region) FROM organisation o WHERE o.code = a.organisation) AS place,
    count(*) OVER () AS total
FROM agenda($1) g JOIN pupil p USING (pupil_ref) JOIN transition t USING (pupil_ref, cohort)
JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n)
JOIN action a ON a.action_id = t.next_action
CROSS JOIN LATERAL (
    SELECT coalesce(max(array_position(ARRAY['notice', 'warning', 'risk'], severity)), 0) AS weight
    FROM risk WHERE (pupil_ref, cohort) = (t.pupil_ref, t.cohort) AND cleared_at IS NULL) r
ORDER BY r.weight DESC, a.step DESC, a.due_at, p.name, p.pupil_ref LIMIT $2 OFFSET $3

-- name: on_agenda
SELECT EXISTS (SELECT FROM agenda($1) WHERE pupil_ref = $2 AND cohort = $3)

-- name: agenda_numbers
SELECT organisation, n FROM agenda_numbers($1)

-- name: open_risks
SELECT pupil_ref, cohort, rule, severity, fired_at FROM risk
WHERE cleared_at IS NULL AND (pupil_ref, cohort) IN (SELECT * FROM unnest($1::text[], $2::smallint[]))
ORDER BY array_position(ARRAY['risk', 'warning', 'notice'], severity), fired_at

-- name: agreed
-- What was agreed at any table about these pupils, under every reference of them; the newest first.
SELECT p.root AS pupil_ref, d.cohort, d.table_id, m.held_on, a.kind, a.organisation, a.role, a.contact, a.due_at, a.open,
    a.done_at, a.reason
FROM decision d JOIN pupil p USING (pupil_ref) JOIN action a USING (action_id) JOIN case_table m USING (table_id)
WHERE (p.root, d.cohort) IN (SELECT * FROM unnest($1::text[], $2::smallint[])) ORDER BY d.decided_at DESC

-- name: decisions_of_table
-- What was agreed at one table, as far as the reader is involved.
SELECT p.root AS pupil_ref, d.cohort, r.name, a.kind, a.organisation, a.role, a.contact, a.due_at, a.open, a.done_at,
    a.reason, d.decided_at, d.organisation AS written_by
FROM decision d JOIN pupil p USING (pupil_ref) JOIN pupil r ON r.pupil_ref = p.root JOIN action a USING (action_id)
WHERE d.table_id = $1 ORDER BY r.name, d.decided_at

-- name: add_decision
INSERT INTO decision (action_id, table_id, pupil_ref, cohort, decided_at, organisation, person_ref)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: close_tables
-- Time has come for these; one that was closed already stays as it is.
UPDATE case_table SET closed_at = $2, version = version + 1 WHERE table_id = ANY($1::text[]) AND closed_at IS NULL
