-- Steps, and what they make. What the web side may see is narrowed here as well as by row-level security.

-- name: steps
SELECT application_id, key, n, kind, at, arrived, channel, role, says FROM step
WHERE mbo_institution = $1 AND entity = $2 AND application_id = ANY($3::text[]) ORDER BY application_id, key, n

-- name: add_steps
INSERT INTO step (application_id, mbo_institution, entity, key, n, kind, says, at, arrived, channel, role)
SELECT application_id, $1, $2, key, n, kind, says::jsonb, at, arrived, channel, role
FROM unnest($3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[],
    $10::text[], $11::text[]) AS new (application_id, key, n, kind, says, at, arrived, channel, role)

-- name: intake_versions
SELECT application_id AS of, '' AS key, version, changed_at, changed_by FROM intake
WHERE mbo_institution = $1 AND application_id = ANY($2::text[])

-- name: save_intakes
INSERT INTO intake (application_id, mbo_institution, state, invited_at, answer_by, planned_at, form, missed, missed_at,
    missed_reason, held_on, outcome, reason, advised_programme, mandatory, version, changed_at, changed_by)
SELECT application_id, $1, state, invited_at, answer_by, planned_at, form, missed, missed_at, missed_reason, held_on,
    outcome, reason, advised_programme, mandatory, 1, $2, $3
FROM unnest($4::text[], $5::text[], $6::timestamptz[], $7::date[], $8::timestamptz[], $9::text[], $10::smallint[],
    $11::timestamptz[], $12::text[], $13::date[], $14::text[], $15::text[], $16::text[], $17::boolean[])
    AS new (application_id, state, invited_at, answer_by, planned_at, form, missed, missed_at, missed_reason, held_on,
        outcome, reason, advised_programme, mandatory)
ON CONFLICT (application_id) DO UPDATE SET state = excluded.state, invited_at = excluded.invited_at,
    answer_by = excluded.answer_by, planned_at = excluded.planned_at, form = excluded.form, missed = excluded.missed,
    missed_at = excluded.missed_at, missed_reason = excluded.missed_reason, held_on = excluded.held_on,
    outcome = excluded.outcome, reason = excluded.reason, advised_programme = excluded.advised_programme,
    mandatory = excluded.mandatory, version = intake.version + 1, changed_at = excluded.changed_at,
    changed_by = excluded.changed_by

-- name: duties
SELECT DISTINCT ON (programme) programme, mandatory FROM intake_duty
WHERE mbo_institution = $1 AND valid_from <= $2 ORDER BY programme, valid_from DESC

-- name: save_duty
INSERT INTO intake_duty (mbo_institution, programme, valid_from, mandatory, source) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (mbo_institution, programme, valid_from)
DO UPDATE SET mandatory = excluded.mandatory, source = excluded.source
