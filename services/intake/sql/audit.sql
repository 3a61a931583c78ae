-- What must never be. Each query returns its violations: (subject, what).

-- name: application_is_its_last_fact
-- Folds every fact again and compares it with what is stored.
WITH counting AS (
    SELECT DISTINCT ON (application_id, source_system, row_id) * FROM fact
    ORDER BY application_id, source_system, row_id, version DESC
), last AS (
    SELECT DISTINCT ON (application_id) * FROM counting ORDER BY application_id, least(at, arrived) DESC,
        array_position(ARRAY['submitted', 'received', 'offered', 'enrolled', 'rejected', 'withdrawn'], status) DESC,
        at DESC, source_system COLLATE "C" DESC, row_id COLLATE "C" DESC, version DESC
)
SELECT a.pupil_ref AS subject, format('application %s is %s, its facts say %s', a.application_id, a.status, l.status) AS what
FROM application a LEFT JOIN last l ON l.application_id = a.application_id
WHERE (a.status, a.status_at, a.programme, a.pathway) IS DISTINCT FROM (l.status, l.at, l.programme, l.pathway)

-- name: application_was_told
-- The newest published state of an application is its state.
WITH told AS (
    SELECT DISTINCT ON (payload::jsonb ->> 'application_id') payload::jsonb AS data FROM event_log
    WHERE type = 'application-status-changed' ORDER BY payload::jsonb ->> 'application_id', event_id DESC
)
SELECT a.pupil_ref AS subject, format('application %s is %s, last told %s', a.application_id, a.status,
    coalesce(t.data ->> 'status', 'nothing')) AS what
FROM application a LEFT JOIN told t ON t.data ->> 'application_id' = a.application_id
WHERE (a.status, a.cohort::text, a.programme) IS DISTINCT FROM
    (t.data ->> 'status', t.data ->> 'cohort', t.data ->> 'programme')

-- name: intake_was_told
-- The newest published state of an intake is its state.
WITH told AS (
    SELECT DISTINCT ON (payload::jsonb ->> 'application_id') type, payload::jsonb AS data FROM event_log
    WHERE type IN ('intake-invited', 'intake-planned', 'intake-missed', 'intake-done')
    ORDER BY payload::jsonb ->> 'application_id', event_id DESC
)
SELECT a.pupil_ref AS subject, format('intake of application %s is %s, last told %s', a.application_id, i.state,
    coalesce(t.type, 'nothing')) AS what
FROM intake i JOIN application a ON a.application_id = i.application_id
LEFT JOIN told t ON t.data ->> 'application_id' = i.application_id
WHERE (CASE i.state WHEN 'expected' THEN 'intake-invited' ELSE 'intake-' || i.state END, i.outcome, i.held_on::text,
        i.reason, i.invited_at, i.planned_at, i.missed::text)
    IS DISTINCT FROM (t.type, t.data ->> 'outcome', t.data ->> 'held_on', t.data ->> 'reason',
        (t.data ->> 'invited_at')::timestamptz, (t.data ->> 'planned_at')::timestamptz, t.data ->> 'missed')

-- name: intake_is_what_its_steps_say
-- A result that counts, and was not undone, makes an intake done; without any step that counts it is expected.
WITH counting AS (
    SELECT s.* FROM step s WHERE s.entity = 'intake' AND s.kind <> 'undone' AND NOT EXISTS (
        SELECT FROM step u WHERE u.application_id = s.application_id AND u.entity = s.entity AND u.key = s.key
            AND u.kind = 'undone' AND (u.says ->> 'step')::integer = s.n)
), last AS (
    SELECT application_id, CASE WHEN bool_or(kind = 'result') THEN 'done'
        ELSE (array_agg(kind ORDER BY at DESC, array_position(ARRAY['invited', 'planned', 'missed'], kind) DESC,
            arrived DESC, n DESC))[1] END AS state
    FROM counting GROUP BY application_id
)
SELECT a.pupil_ref AS subject, format('intake of application %s is %s, its steps say %s', a.application_id, i.state,
    coalesce(l.state, 'expected')) AS what
FROM intake i JOIN application a ON a.application_id = i.application_id
LEFT JOIN last l ON l.application_id = i.application_id WHERE i.state <> coalesce(l.state, 'expected')

-- name: enrolment_was_told
-- The newest published state of an enrolment is its state.
WITH told AS (
    SELECT DISTINCT ON (payload::jsonb ->> 'application_id') type, payload::jsonb AS data FROM event_log
    WHERE type IN ('student-started', 'student-not-started', 'enrolment-ended')
    ORDER BY payload::jsonb ->> 'application_id', event_id DESC
)
SELECT a.pupil_ref AS subject, format('enrolment of application %s is %s, last told %s', a.application_id, e.state,
    coalesce(t.type, 'nothing')) AS what
FROM enrolment e JOIN application a ON a.application_id = e.application_id
LEFT JOIN told t ON t.data ->> 'application_id' = e.application_id
WHERE (CASE e.state WHEN 'started' THEN 'student-started' WHEN 'not_started' THEN 'student-not-started'
        ELSE 'enrolment-ended' END, e.ended_on::text, e.end_reason::text, e.checked_on::text)
    IS DISTINCT FROM (t.type, t.data ->> 'ended_on', CASE WHEN t.type = 'enrolment-ended' THEN t.data ->> 'reason' END,
        CASE WHEN t.type = 'enrolment-ended' THEN e.checked_on::text ELSE t.data ->> 'checked_on' END)

-- name: switch_was_told
WITH told AS (
    SELECT DISTINCT ON (payload::jsonb ->> 'switch_id') payload::jsonb AS data FROM event_log
    WHERE type = 'programme-switched' ORDER BY payload::jsonb ->> 'switch_id', event_id DESC
)
SELECT a.pupil_ref AS subject, format('switch %s is %s, last told %s', s.switch_id, s.status,
    coalesce(t.data ->> 'status', 'nothing')) AS what
FROM switch s JOIN application a ON a.application_id = s.application_id
LEFT JOIN told t ON t.data ->> 'switch_id' = s.switch_id
WHERE (s.status, s.switched_on::text, s.to_programme) IS DISTINCT FROM
    (t.data ->> 'status', t.data ->> 'switched_on', t.data ->> 'to_programme')

-- name: absence_was_told
WITH told AS (
    SELECT DISTINCT ON (payload::jsonb ->> 'mbo_institution', payload::jsonb ->> 'report_number')
        payload::jsonb AS data FROM event_log
    WHERE type = 'absence-reported'
    ORDER BY payload::jsonb ->> 'mbo_institution', payload::jsonb ->> 'report_number', event_id DESC
)
SELECT a.pupil_ref AS subject, format('report of absence of application %s is %s, last told %s', a.application_id,
    r.status, coalesce(t.data ->> 'status', 'nothing')) AS what
FROM absence r JOIN application a ON a.application_id = r.application_id
LEFT JOIN told t ON t.data ->> 'mbo_institution' = r.mbo_institution AND t.data ->> 'report_number' = r.report_number
WHERE (r.status, r.reported_on::text, r.closed_on::text) IS DISTINCT FROM
    (t.data ->> 'status', t.data ->> 'reported_on', t.data ->> 'closed_on')

-- name: applicant_is_somebody
SELECT a.pupil_ref AS subject, format('nobody told who made application %s', a.application_id) AS what
FROM application a WHERE NOT a.shadow AND NOT EXISTS (SELECT FROM pupil p WHERE p.pupil_ref = a.pupil_ref)

-- name: shadow_was_told_as_one
-- Who is not linked is told as such, and a pupil who is known never is.
WITH told AS (
    SELECT DISTINCT ON (payload::jsonb ->> 'application_id') payload::jsonb AS data FROM event_log
    WHERE type = 'application-status-changed' ORDER BY payload::jsonb ->> 'application_id', event_id DESC
)
SELECT a.pupil_ref AS subject, format('application %s: shadow is %s, told was %s', a.application_id, a.shadow,
    t.data ->> 'shadow') AS what
FROM application a JOIN told t ON t.data ->> 'application_id' = a.application_id
WHERE a.shadow <> coalesce((t.data ->> 'shadow')::boolean, false)

-- name: export_adds_up
-- Of a file that was taken in, every row has its fate, and none is left.
SELECT e.export_id::text AS subject, format('%s rows received, %s accounted for, %s left', e.received,
    e.applied + e.unchanged + e.skipped + e.quarantined, (SELECT count(*) FROM export_row r WHERE r.export_id = e.export_id))
    AS what
FROM export e WHERE e.state = 'done' AND (e.received <> e.applied + e.unchanged + e.skipped + e.quarantined
    OR EXISTS (SELECT FROM export_row r WHERE r.export_id = e.export_id))

-- name: nothing_left_behind
-- Rows of a reference that was absorbed or erased.
SELECT r.pupil_ref AS subject, format('%s of a pupil who was absorbed or erased', r.kind) AS what
FROM (SELECT pupil_ref, 'pupil' AS kind FROM pupil UNION ALL SELECT pupil_ref, 'application' FROM application
    UNION ALL SELECT pupil_ref, 'choice' FROM choice UNION ALL SELECT pupil_ref, 'handover' FROM handover
    UNION ALL SELECT pupil_ref, 'expectation' FROM expectation UNION ALL SELECT pupil_ref, 'custody' FROM custody
    UNION ALL SELECT pupil_ref, 'alert' FROM alert UNION ALL SELECT pupil_ref, 'talk' FROM talk
    UNION ALL SELECT pupil_ref, 'action' FROM action) r
WHERE EXISTS (SELECT FROM alias x WHERE x.absorbed = r.pupil_ref)
    OR EXISTS (SELECT FROM erased x WHERE x.pupil_ref = r.pupil_ref)
