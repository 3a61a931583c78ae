-- How long an action is late counts on when a person closes it and it is still asked for.

-- Numbers of a region, for its coordinator alone: never a pupil. `figure`, what it is counted by, and how many. Tables
-- are fixed and count by who has the work (organisation, role) or by process (position, rule), never by what a pupil is.
CREATE OR REPLACE FUNCTION region_numbers(now timestamptz, week_later timestamptz)
RETURNS TABLE (figure text, label text, detail text, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    WITH here AS (
        SELECT nullif(current_setting('overstap.organisation', true), '') AS code
        WHERE current_setting('overstap.role', true) = 'region_coordinator'
    ), mine AS (
        SELECT t.pupil_ref, t.cohort, t.position, t.origin, p.name, c.organisation AS holder, c.role, c.contact
        FROM here JOIN transition t ON t.region = here.code AND t.open
        JOIN pupil p USING (pupil_ref)
        JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n)
    ), todo AS (
        SELECT a.pupil_ref, a.cohort, a.kind, a.opened_at, a.organisation, a.role, a.contact, a.due_at, a.step,
            a.escalated_at
        FROM mine JOIN action a USING (pupil_ref, cohort) WHERE a.open
    ), late AS (
        SELECT organisation, $1 - coalesce(told.at, escalated_at) AS since
        FROM todo a LEFT JOIN LATERAL (
            -- The first time of the present row of escalations: as many back as there were steps. What a person closed
            -- and is still asked for goes on under a key of its own; what it is stays, and since when it is asked.
            SELECT e.recorded_at AS at FROM event_log e
            WHERE e.subject = a.pupil_ref AND e.cohort = a.cohort AND e.type = 'action-overdue'
              AND e.payload::jsonb ->> 'kind' = a.kind
              AND (e.payload::jsonb ->> 'opened_at')::timestamptz = a.opened_at
            ORDER BY e.sequence DESC OFFSET a.step - 1 LIMIT 1
        ) told ON true
        WHERE a.step > 0
    )
    SELECT 'position', position, '', count(*) FROM mine GROUP BY position
    UNION ALL
    SELECT 'holder', holder, role, count(*) FROM mine GROUP BY holder, role
    UNION ALL
    SELECT 'due', organisation, '', count(*) FROM todo WHERE due_at >= $1 AND due_at < $2 GROUP BY organisation
    UNION ALL
    SELECT 'late', organisation, CASE WHEN since < interval '7 days' THEN 'week' WHEN since < interval '28 days'
        THEN 'month' ELSE 'longer' END AS since, count(*)
    FROM late GROUP BY 1, 2, 3
    UNION ALL
    SELECT 'risk', r.rule, r.severity, count(*) FROM mine JOIN risk r USING (pupil_ref, cohort)
    WHERE r.cleared_at IS NULL GROUP BY r.rule, r.severity
    UNION ALL
    SELECT 'not-known', 'identity', '', count(*) FROM mine WHERE name IS NULL HAVING count(*) > 0
    UNION ALL
    SELECT 'vacant', organisation, role, count(DISTINCT pupil_ref) FROM (
        SELECT holder AS organisation, role, pupil_ref FROM mine WHERE contact IS NULL
        UNION ALL SELECT organisation, role, pupil_ref FROM todo WHERE contact IS NULL
    ) nobody GROUP BY organisation, role
    UNION ALL
    -- Twelve whole weeks, by their Mondays in the Netherlands; what has been closed since counts in its week too.
    SELECT 'week', to_char(date_trunc('week', e.recorded_at AT TIME ZONE 'Europe/Amsterdam'), 'YYYY-MM-DD'), e.type, count(*)
    FROM here JOIN transition t ON t.region = here.code
    JOIN event_log e ON (e.subject, e.cohort) = (t.pupil_ref, t.cohort)
    WHERE e.type IN ('student-at-risk', 'student-at-risk-cleared', 'action-overdue')
      AND e.recorded_at >= (date_trunc('week', $1 AT TIME ZONE 'Europe/Amsterdam') - interval '12 weeks')
          AT TIME ZONE 'Europe/Amsterdam'
      AND e.recorded_at < date_trunc('week', $1 AT TIME ZONE 'Europe/Amsterdam') AT TIME ZONE 'Europe/Amsterdam'
    GROUP BY 2, 3
$$;
