-- Queries of feedback: until when a school hears of its pupils, and the figures it gets after that.

-- name: heard_until
SELECT ref AS pupil_ref, hears_until(ref, $2) AS ends FROM unnest($1::text[]) AS ref

-- name: add_agreements
-- A version never changes.
INSERT INTO agreement (version, feedback_until) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING

-- name: schools
-- The schools that ever listed pupils of a cohort, with the region of their figures: of one whose region nobody told it is alone.
SELECT DISTINCT p.vo_site, coalesce(o.region, p.vo_site) AS region
FROM pupil p LEFT JOIN organisation o ON o.code = p.vo_site WHERE p.cohort = $1 ORDER BY p.vo_site

-- name: counted
-- The pupils whom these schools ever listed for a cohort, each at one of them: at one whose newest list still has them, if
-- any has. With the instant until which that one heard of them.
-- Only of these is it asked: the function looks up much, and the cohort may be that of a country.
WITH placed AS MATERIALIZED (
    SELECT DISTINCT ON (pupil_ref) pupil_ref, vo_site FROM pupil WHERE cohort = $2
    ORDER BY pupil_ref, listed DESC, vo_site)
SELECT pupil_ref, vo_site, hears_until(pupil_ref, $2) AS ends FROM placed
WHERE vo_site = ANY($1::text[]) ORDER BY pupil_ref

-- name: course
-- What institutions told about these pupils before a moment, whoever may read it, oldest first.
WITH family AS (
    SELECT ref AS pupil_ref, ref AS subject FROM unnest($1::text[]) AS ref
    UNION ALL SELECT survivor, absorbed FROM alias WHERE survivor = ANY($1::text[]))
SELECT f.pupil_ref, s.type, s.entity || ' ' || s.key AS key, s.at, s.organisation, s.role, NULL AS person_ref, s.detail
FROM family f JOIN step s ON s.subject = f.subject
WHERE s.cohort = $2 AND s.at < $3 AND s.entity IN ('application', 'intake', 'enrolment', 'switch')
ORDER BY s.at, s.sequence

-- name: taken
SELECT region FROM feedback WHERE cohort = $1 AND reference_date = $2

-- name: earlier
-- Everything made before of a region and cohort, and of its schools when they were still elsewhere or alone.
SELECT f.feedback_id, c.figure, c.vo_site, c.value FROM feedback f JOIN feedback_cell c USING (feedback_id)
WHERE f.cohort = $2 AND (f.region = $1 OR c.vo_site = ANY($3::text[]))

-- name: add
INSERT INTO feedback (feedback_id, region, cohort, reference_date, taken_at) VALUES ($1, $2, $3, $4, $5)

-- name: add_cells
INSERT INTO feedback_cell (feedback_id, figure, vo_site, value)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[])

-- name: figures
-- What an organisation reads of the figures about a cohort: a school ($2) its own column and the region; of a region
-- ($3) everything.
SELECT f.region, f.reference_date, f.taken_at, c.figure, c.vo_site, c.value
FROM feedback f JOIN feedback_cell c USING (feedback_id)
WHERE f.cohort = $1 AND (f.region = $3 OR ($2::text IS NOT NULL AND (f.region = $2 OR EXISTS (
        SELECT FROM organisation o WHERE o.code = $2 AND o.region = f.region)) AND c.vo_site IN ($2, 'all')))
ORDER BY f.reference_date DESC, c.figure, c.vo_site

-- name: figure_cohorts
SELECT DISTINCT cohort FROM feedback ORDER BY cohort DESC
