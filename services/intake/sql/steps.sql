-- Steps, and what they make. What the web side may see is narrowed here as well as by row-level security.

-- name: steps
SELECT application_id, key, n, kind, at, arrived, channel, role, says FROM step
WHERE mbo_institution = $1 AND entity = $2 AND application_id = ANY($3::text[]) ORDER BY application_id, key, n

-- name: story
SELECT entity, key, n, kind, at, arrived, channel, role, says FROM step
WHERE mbo_institution = $1 AND application_id = $2 ORDER BY entity, key, n

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

-- name: enrolment_versions
SELECT application_id AS of, '' AS key, version, changed_at, changed_by FROM enrolment
WHERE mbo_institution = $1 AND application_id = ANY($2::text[])

-- name: save_enrolments
INSERT INTO enrolment (application_id, mbo_institution, state, first_day, checked_on, reason, contact_attempts, ended_on,
    end_reason, destination, to_institution, diploma, basic_qualification, version, changed_at, changed_by)
SELECT application_id, $1, state, first_day, checked_on, reason, contact_attempts, ended_on, end_reason, destination,
    to_institution, diploma, basic_qualification, 1, $2, $3
FROM unnest($4::text[], $5::text[], $6::date[], $7::date[], $8::text[], $9::smallint[], $10::date[], $11::smallint[],
    $12::text[], $13::text[], $14::boolean[], $15::boolean[])
    AS new (application_id, state, first_day, checked_on, reason, contact_attempts, ended_on, end_reason, destination,
        to_institution, diploma, basic_qualification)
ON CONFLICT (application_id) DO UPDATE SET state = excluded.state, first_day = excluded.first_day,
    checked_on = excluded.checked_on, reason = excluded.reason, contact_attempts = excluded.contact_attempts,
    ended_on = excluded.ended_on, end_reason = excluded.end_reason, destination = excluded.destination,
    to_institution = excluded.to_institution, diploma = excluded.diploma,
    basic_qualification = excluded.basic_qualification, version = enrolment.version + 1,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by

-- name: switch_versions
SELECT application_id AS of, switch_id AS key, version, changed_at, changed_by FROM switch
WHERE mbo_institution = $1 AND application_id = ANY($2::text[])

-- name: save_switches
INSERT INTO switch (application_id, switch_id, mbo_institution, status, to_institution, to_programme, to_level,
    to_application_id, switched_on, version, changed_at, changed_by)
SELECT application_id, switch_id, $1, status, to_institution, to_programme, to_level, to_application_id, switched_on, 1,
    $2, $3
FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::smallint[], $10::text[], $11::date[])
    AS new (application_id, switch_id, status, to_institution, to_programme, to_level, to_application_id, switched_on)
ON CONFLICT (switch_id) DO UPDATE SET status = excluded.status, to_institution = excluded.to_institution,
    to_programme = excluded.to_programme, to_level = excluded.to_level,
    to_application_id = excluded.to_application_id, switched_on = excluded.switched_on, version = switch.version + 1,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by

-- name: absence_versions
SELECT application_id AS of, report_number AS key, version, changed_at, changed_by FROM absence
WHERE mbo_institution = $1 AND application_id = ANY($2::text[])

-- name: save_absences
INSERT INTO absence (application_id, report_number, mbo_institution, kind, status, reported_on, absent_from, absent_until,
    action_wanted, closed_on, closed_reason, version, changed_at, changed_by)
SELECT application_id, report_number, $1, kind, status, reported_on, absent_from, absent_until, action_wanted, closed_on,
    closed_reason, 1, $2, $3
FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::date[], $9::date[], $10::date[], $11::boolean[],
    $12::date[], $13::text[])
    AS new (application_id, report_number, kind, status, reported_on, absent_from, absent_until, action_wanted, closed_on,
        closed_reason)
ON CONFLICT (mbo_institution, report_number) DO UPDATE SET kind = excluded.kind, status = excluded.status,
    reported_on = excluded.reported_on, absent_from = excluded.absent_from, absent_until = excluded.absent_until,
    action_wanted = excluded.action_wanted, closed_on = excluded.closed_on, closed_reason = excluded.closed_reason,
    version = absence.version + 1, changed_at = excluded.changed_at, changed_by = excluded.changed_by

-- name: absences
SELECT report_number, application_id FROM absence WHERE mbo_institution = $1 AND report_number = ANY($2::text[])
