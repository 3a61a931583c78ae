-- name: work
-- Everything an institution has to do with: each application, and each pupil who chose it or whose dossier it was offered
-- without one. Of other institutions there is nothing here, not even that a pupil applied there too. The best
-- description of a pupil is the school's, of the surviving reference. Cohorts before $2 are over.
WITH given AS (
    SELECT DISTINCT ON (pupil_ref, cohort) handover_id, pupil_ref, cohort, vo_site, status, offered_at FROM handover
    WHERE mbo_institution = $1 AND cohort >= $2 AND status IN ('offered', 'opened', 'accepted')
    ORDER BY pupil_ref, cohort, offered_at DESC NULLS LAST, handover_id
), base AS (
    SELECT a.application_id AS id, a.own_id, a.pupil_ref, a.cohort, a.programme, a.pathway, a.status, a.status_at,
        NULL::text AS vo_site
    FROM application a WHERE a.mbo_institution = $1 AND a.cohort >= $2 AND NOT a.shadow
    UNION ALL
    SELECT e.id, NULL, e.pupil_ref, e.cohort, e.programme, e.pathway, NULL, e.at, e.vo_site
    FROM (
        SELECT DISTINCT ON (pupil_ref, cohort) x.* FROM (
            SELECT choice_id AS id, pupil_ref, cohort, programme, pathway, told_at AS at, vo_site, preference AS place
            FROM choice WHERE mbo_institution = $1 AND cohort >= $2 AND NOT withdrawn
            UNION ALL
            SELECT handover_id, pupil_ref, cohort, NULL, NULL, offered_at, vo_site, 99 FROM given
        ) x ORDER BY pupil_ref, cohort, place, id
    ) e
    WHERE NOT EXISTS (SELECT FROM application a
        WHERE a.mbo_institution = $1 AND a.pupil_ref = e.pupil_ref AND a.cohort = e.cohort)
), pupils AS (
    SELECT DISTINCT ON (p.pupil_ref) p.pupil_ref, p.first_name, p.prefix, p.last_name, p.birth_date, p.municipality
    FROM pupil p WHERE p.pupil_ref IN (SELECT pupil_ref FROM base)
    ORDER BY p.pupil_ref, p.met_at IS NOT NULL, p.stream <> p.pupil_ref, p.stream
), schools AS (
    SELECT DISTINCT ON (x.pupil_ref, x.cohort) x.pupil_ref, x.cohort, x.vo_site
    FROM expectation x WHERE x.pupil_ref IN (SELECT pupil_ref FROM base)
    ORDER BY x.pupil_ref, x.cohort, x.stream <> x.pupil_ref, x.stream
), talks AS (
    SELECT DISTINCT ON (pupil_ref, cohort) pupil_ref, cohort, talk_id, planned_at, hold_by FROM talk
    WHERE mbo_institution = $1 AND status <> 'held' ORDER BY pupil_ref, cohort, hold_by, talk_id
), agreed AS (
    SELECT DISTINCT ON (pupil_ref, cohort) pupil_ref, cohort, talk_id, follow_up FROM talk
    WHERE mbo_institution = $1 AND follow_up IS NOT NULL ORDER BY pupil_ref, cohort, follow_up, talk_id
), due AS (
    SELECT DISTINCT ON (pupil_ref, cohort) pupil_ref, cohort, due_at, contact, deputy FROM action
    WHERE organisation = $1 AND NOT done ORDER BY pupil_ref, cohort, due_at, action_id
), switching AS (
    SELECT DISTINCT application_id FROM switch WHERE mbo_institution = $1 AND status = 'registered'
), absent AS (
    SELECT application_id, min(reported_on) AS since FROM absence
    WHERE mbo_institution = $1 AND status IN ('registered', 'in_progress') GROUP BY application_id
)
SELECT b.id, b.own_id, b.pupil_ref, b.cohort, b.programme, b.pathway, b.status, b.status_at,
    coalesce(s.vo_site, b.vo_site, g.vo_site) AS school, o.name AS school_name,
    concat_ws(' ', p.first_name, nullif(p.prefix, ''), p.last_name) AS name, p.birth_date, p.municipality,
    i.state AS intake, i.invited_at, i.answer_by, i.planned_at, i.form, i.missed, i.held_on, i.outcome,
    n.state AS enrolment, n.ended_on, w.application_id IS NOT NULL AS switching, v.since AS absent_since,
    g.handover_id, g.status AS dossier, g.offered_at, t.talk_id, t.planned_at AS talk_at, t.hold_by, f.follow_up, f.talk_id AS agreed_in,
    d.due_at, d.contact, d.deputy,
    row_number() OVER (PARTITION BY b.pupil_ref, b.cohort
        ORDER BY b.status IN ('rejected', 'withdrawn'), b.status_at DESC, b.id) = 1 AS first
FROM base b
LEFT JOIN pupils p ON p.pupil_ref = b.pupil_ref
LEFT JOIN schools s ON s.pupil_ref = b.pupil_ref AND s.cohort = b.cohort
LEFT JOIN given g ON g.pupil_ref = b.pupil_ref AND g.cohort = b.cohort
LEFT JOIN organisation o ON o.code = coalesce(s.vo_site, b.vo_site, g.vo_site)
LEFT JOIN intake i ON i.application_id = b.id AND i.mbo_institution = $1
LEFT JOIN enrolment n ON n.application_id = b.id AND n.mbo_institution = $1
LEFT JOIN switching w ON w.application_id = b.id
LEFT JOIN absent v ON v.application_id = b.id
LEFT JOIN talks t ON t.pupil_ref = b.pupil_ref AND t.cohort = b.cohort
LEFT JOIN agreed f ON f.pupil_ref = b.pupil_ref AND f.cohort = b.cohort
LEFT JOIN due d ON d.pupil_ref = b.pupil_ref AND d.cohort = b.cohort
ORDER BY b.status_at, b.id
