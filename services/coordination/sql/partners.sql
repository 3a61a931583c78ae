-- Organisations as partners: when each was heard, and what must be done about it.

-- name: share
-- Who tells news of an organisation and who looks at it wait for each other; those who tell news do not. In one order.
SELECT pg_advisory_xact_lock_shared(hashtext('coordination.partner'), place) FROM (
    SELECT DISTINCT hashtext(code) AS place FROM unnest($1::text[]) AS code ORDER BY place) places

-- name: hold
SELECT pg_advisory_xact_lock(hashtext('coordination.partner'), place) FROM (
    SELECT DISTINCT hashtext(code) AS place FROM unnest($1::text[]) AS code ORDER BY place) places

-- name: standing
-- Of these organisations: what decides whether news of them must be looked at.
SELECT organisation, known_at, heard_at, active, awaited, silent_since IS NOT NULL AS silent FROM partner
WHERE organisation = ANY($1::text[])

-- name: note
INSERT INTO partner (organisation, known_at, heard_at) SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[])
ON CONFLICT (organisation) DO UPDATE SET known_at = least(partner.known_at, excluded.known_at),
    heard_at = greatest(partner.heard_at, excluded.heard_at)

-- name: partners
SELECT organisation, known_at, heard_at, looked_at, active, awaited, numbered, silent_since, silent_allowed,
    silent_agreement
FROM partner WHERE organisation = ANY($1::text[])

-- name: open_tasks
SELECT organisation, task_id, number, kind, about, owner_organisation, owner_role, owner_contact, owner_deputy, due_at,
    window_until, severity, evidence, agreement, opened_at, step, escalated_at
FROM task WHERE organisation = ANY($1::text[]) AND open ORDER BY organisation, number

-- name: parts
-- What these organisations have to do with the pupils who are on their way: first whether it is the one who tells of
-- any. Each is looked up by its code, and only until one is found. A range of one code, ordered by it, can only be read
-- from the index of that code; for an equality PostgreSQL may hope to meet the code soon in another order, and where
-- nobody has it read the whole table.
SELECT code, part.tells, part.region FROM unnest($1::text[]) AS code CROSS JOIN LATERAL (
    (SELECT true AS tells, region FROM transition
     WHERE open AND coalesce(live[1], origin) BETWEEN code AND code ORDER BY coalesce(live[1], origin), region LIMIT 1)
    UNION ALL (
        SELECT false, region FROM transition WHERE open AND origin BETWEEN code AND code ORDER BY origin LIMIT 1)
    UNION ALL (
        SELECT false, region FROM transition
        WHERE open AND residence BETWEEN code AND code ORDER BY residence, region LIMIT 1)
    UNION ALL (
        SELECT false, region FROM transition WHERE open AND region BETWEEN code AND code ORDER BY region LIMIT 1)
    UNION ALL (SELECT false, min(region) FROM transition WHERE open AND live @> ARRAY[code] HAVING count(*) > 0)
    UNION ALL (
        SELECT false, min(t.region) FROM custody c
        JOIN transition t ON (t.pupil_ref, t.cohort, t.custody_n) = (c.pupil_ref, c.cohort, c.n)
        WHERE t.open AND c.organisation BETWEEN code AND code HAVING count(*) > 0)
    LIMIT 1
) part

-- name: save_partners
UPDATE partner SET looked_at = new.looked_at, active = new.active, awaited = new.awaited, numbered = new.numbered,
    silent_since = new.silent_since, silent_allowed = new.silent_allowed, silent_agreement = new.silent_agreement
FROM unnest($1::text[], $2::timestamptz[], $3::boolean[], $4::boolean[], $5::int[], $6::timestamptz[], $7::int[],
    $8::text[])
    AS new (organisation, looked_at, active, awaited, numbered, silent_since, silent_allowed, silent_agreement)
WHERE partner.organisation = new.organisation

-- name: save_tasks
INSERT INTO task (organisation, task_id, number, kind, about, owner_organisation, owner_role, owner_contact,
    owner_deputy, due_at, window_until, severity, evidence, agreement, opened_at, step, escalated_at, done_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::timestamptz[], $11::timestamptz[], $12::smallint[], $13::jsonb[], $14::text[], $15::timestamptz[],
    $16::smallint[], $17::timestamptz[], $18::timestamptz[])
ON CONFLICT (task_id) DO UPDATE SET owner_organisation = excluded.owner_organisation, owner_role = excluded.owner_role,
    owner_contact = excluded.owner_contact, owner_deputy = excluded.owner_deputy, due_at = excluded.due_at,
    window_until = excluded.window_until, step = excluded.step, escalated_at = excluded.escalated_at,
    done_at = excluded.done_at

-- name: tasks_of
SELECT tasks_of($1::text[]) AS organisation

-- name: known
SELECT organisation FROM partner ORDER BY organisation

-- name: my_tasks
-- Open tasks of one organisation, most urgent first.
SELECT t.task_id, t.organisation, t.kind, t.about, t.owner_organisation, t.owner_role, t.owner_contact, t.due_at,
    t.window_until, t.severity, t.step, t.opened_at, t.evidence,
    (SELECT coalesce(o.municipality, o.region) FROM organisation o WHERE o.code = t.owner_organisation) AS place
FROM task t WHERE t.owner_organisation = $1 AND t.open ORDER BY t.due_at, t.severity DESC, t.task_id LIMIT $2

-- name: one_task
-- A task, open or not, for who sees it.
SELECT t.task_id, t.organisation, t.kind, t.about, t.owner_organisation, t.owner_role, t.owner_contact, t.owner_deputy,
    t.due_at, t.window_until, t.severity, t.step, t.opened_at, t.escalated_at, t.done_at, t.evidence, t.agreement,
    (SELECT coalesce(o.municipality, o.region) FROM organisation o WHERE o.code = t.owner_organisation) AS place
FROM task t WHERE t.task_id = $1

-- name: tasks_in_region
-- Open tasks about organisations of one region, for its coordinator.
SELECT t.task_id, t.organisation, t.kind, t.about, t.owner_organisation, t.owner_role, t.owner_contact, t.due_at, t.step,
    t.opened_at
FROM task t LEFT JOIN organisation o ON o.code = t.organisation
WHERE t.open AND (o.region = $1 OR t.organisation = $1) ORDER BY t.opened_at, t.organisation, t.kind, t.about

-- name: region_silences
SELECT organisation, n FROM region_silences() ORDER BY n DESC, organisation
