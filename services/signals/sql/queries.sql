-- Queries of signals.

-- name: hold
-- No reference is linked or erased while facts are being written.
SELECT pg_advisory_xact_lock_shared(hashtext('signals.identity'))

-- name: hold_alone
SELECT pg_advisory_xact_lock(hashtext('signals.identity'))

-- name: add_links
INSERT INTO link (survivor, absorbed) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING

-- name: erase
-- Erase these pupils and all that was absorbed by them, or by pupils erased before; returns whom.
WITH RECURSIVE gone (pupil_ref) AS (
    (SELECT unnest($1::text[]) UNION SELECT pupil_ref FROM erased)
    UNION SELECT link.absorbed FROM gone JOIN link ON link.survivor = gone.pupil_ref
)
INSERT INTO erased (pupil_ref) SELECT pupil_ref FROM gone ON CONFLICT DO NOTHING RETURNING pupil_ref

-- name: forget_facts
DELETE FROM fact WHERE subject = ANY($1::text[])

-- name: forget_links
-- An erased survivor has passed it on; what an erased reference absorbed is erased too.
DELETE FROM link WHERE absorbed = ANY($1::text[])

-- name: erased
SELECT pupil_ref FROM erased WHERE pupil_ref = ANY($1::text[])

-- name: facts
SELECT subject, kind, entity, sequence, cohort, detail, first_on, reached_on, ended_on, place, shadow FROM fact
WHERE (subject, kind, entity) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))
ORDER BY subject, kind, entity FOR UPDATE

-- name: save_facts
INSERT INTO fact (subject, kind, entity, sequence, cohort, detail, first_on, reached_on, ended_on, place, shadow)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::smallint[], $6::text[], $7::date[], $8::date[],
    $9::date[], $10::text[], $11::boolean[])
ON CONFLICT (subject, kind, entity) DO UPDATE SET sequence = excluded.sequence, cohort = excluded.cohort,
    detail = excluded.detail, first_on = excluded.first_on, reached_on = excluded.reached_on, ended_on = excluded.ended_on,
    place = excluded.place, shadow = excluded.shadow

-- name: counts
-- Expected pupils of cohort $1 per region of residence, track and figure, on day $2; $3 is the last day on which an
-- application counts as in time. $4 and $5 say which municipality lies in which region. `heard-…`: somebody told
-- anything of that kind. A figure is told of a pupil once, however many facts say it. Who is known from the national
-- chain alone is `not-linked`, by how far they have come, in the region where most applicants of that institution live.
WITH RECURSIVE edge (one, other) AS (
    SELECT survivor, absorbed FROM link UNION SELECT absorbed, survivor FROM link
), reach (subject, other) AS (
    SELECT one, other FROM edge UNION SELECT r.subject, e.other FROM reach r JOIN edge e ON e.one = r.other
), person (subject, pupil) AS (
    SELECT subject, min(least(subject, other)) FROM reach GROUP BY subject
), known AS MATERIALIZED (
    SELECT coalesce(p.pupil, f.subject) AS pupil, f.subject, f.kind, f.entity, f.sequence, f.detail, f.first_on,
        f.reached_on, f.ended_on, f.place, f.shadow, f.first_on <= $2 AND (f.ended_on IS NULL OR f.ended_on > $2) AS stands
    FROM fact f LEFT JOIN person p USING (subject) WHERE f.cohort IN (0, $1)
), residence AS (
    SELECT DISTINCT ON (pupil) pupil, detail AS municipality FROM known WHERE kind = 'residence'
    ORDER BY pupil, entity = 'dossier' DESC, first_on DESC, sequence DESC, subject
), expected AS (
    SELECT DISTINCT ON (pupil) pupil, detail AS track FROM known
    WHERE kind = 'expected' AND first_on <= $2 ORDER BY pupil, first_on DESC, sequence DESC, subject
), counted AS MATERIALIZED (
    SELECT e.pupil, e.track, m.region FROM expected e
    JOIN residence r USING (pupil) JOIN unnest($4::text[], $5::text[]) AS m (municipality, region) USING (municipality)
    WHERE NOT EXISTS (SELECT FROM known k WHERE k.pupil = e.pupil AND k.kind = 'transition' AND k.ended_on <= $2
        AND k.detail = ANY($6::text[]))
), silent AS (
    SELECT subject AS place FROM (
        SELECT DISTINCT ON (subject) subject, detail FROM known WHERE kind = 'silence' AND first_on <= $2
        ORDER BY subject, sequence DESC) newest
    WHERE detail = 'silent'
), unheard AS (
    -- Of whom nobody knows how they are doing: the institution that has come furthest, else the school, is silent.
    SELECT pupil FROM (
        SELECT DISTINCT ON (pupil) pupil, place FROM known
        WHERE kind = 'expected' AND first_on <= $2 OR kind = 'application' AND stands
        ORDER BY pupil, kind = 'application' DESC,
            array_position(ARRAY['enrolled', 'offered', 'received', 'submitted'], detail), first_on, entity) teller
    JOIN silent USING (place)
), told (pupil, figure) AS (
    SELECT pupil, 'known' FROM known WHERE ended_on <= $2 AND kind = 'transition' OR (
        stands AND kind = 'choice' OR first_on <= $2 AND kind IN ('application', 'intake', 'enrolment', 'handover'))
        AND pupil NOT IN (SELECT pupil FROM unheard)
    UNION SELECT pupil, 'applied' FROM known
        WHERE kind = 'application' AND first_on <= $3 AND (ended_on IS NULL OR ended_on > $3)
    UNION SELECT pupil, 'placed' FROM known WHERE stands AND reached_on <= $2
        AND (kind = 'application' AND detail IN ('offered', 'enrolled', 'rejected', 'withdrawn')
             OR kind = 'intake' AND detail IN ('placed', 'provisional'))
    UNION SELECT pupil, 'intake-done' FROM known WHERE stands AND kind = 'intake'
    UNION SELECT pupil, 'started' FROM known WHERE stands AND kind = 'enrolment' AND reached_on <= $2
    UNION SELECT pupil, 'handed-over' FROM known WHERE stands AND kind = 'handover'
    UNION SELECT pupil, 'accepted' FROM known WHERE stands AND kind = 'handover' AND reached_on <= $2
    UNION SELECT pupil, 'risk-' || detail FROM known WHERE stands AND kind = 'risk'
    UNION SELECT pupil, 'alerted' FROM known WHERE kind = 'alert' AND first_on <= $2
    UNION SELECT pupil, 'answered' FROM known WHERE kind = 'alert' AND first_on <= $2 AND reached_on <= $2
        AND detail IN ('acknowledged', 'resolved')
    UNION SELECT pupil, 'heard-' || kind FROM known WHERE kind IN ('application', 'intake', 'enrolment')
), around (place, region) AS (
    SELECT k.place, mode() WITHIN GROUP (ORDER BY c.region) FROM known k JOIN counted c USING (pupil)
    WHERE k.kind = 'application' AND k.place IS NOT NULL GROUP BY k.place
), stranger (pupil, place, standing) AS (
    SELECT pupil, (array_agg(place ORDER BY first_on, entity))[1],
        CASE WHEN bool_or(stands AND detail = 'enrolled') THEN 'enrolled'
             WHEN bool_or(stands AND reached_on <= $2) THEN 'placed'
             WHEN bool_or(stands) THEN 'applied' ELSE 'lost' END
    FROM known WHERE first_on <= $2 GROUP BY pupil HAVING bool_and(shadow AND kind = 'application')
)
SELECT region, track, 'expected' AS figure, count(*) AS pupils FROM counted GROUP BY region, track
UNION ALL SELECT region, track, figure, count(*) FROM counted JOIN told USING (pupil) GROUP BY region, track, figure
UNION ALL SELECT region, standing, 'not-linked', count(*) FROM stranger JOIN around USING (place) GROUP BY region, standing

-- name: taken_regions
SELECT region FROM snapshot WHERE cohort = $1 AND reference_date = $2

-- name: earlier_cells
-- Everything published before about a cohort, whatever its day.
SELECT s.region, s.snapshot_id, c.figure, c.track_group, c.value, c.percentage
FROM snapshot s JOIN cell c USING (snapshot_id) WHERE s.cohort = $1 AND s.region = ANY($2::text[])

-- name: add_snapshots
INSERT INTO snapshot (snapshot_id, cohort, reference_date, region, taken_at)
SELECT id, $3, $4, region, $5 FROM unnest($1::text[], $2::text[]) AS new (id, region)

-- name: add_cells
INSERT INTO cell (snapshot_id, figure, track_group, value, percentage)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])

-- name: publications
SELECT cohort, reference_date, min(taken_at) AS taken_at, count(*) AS regions FROM snapshot
GROUP BY cohort, reference_date ORDER BY cohort DESC, reference_date DESC

-- name: snapshots
SELECT snapshot_id, cohort, reference_date, region, taken_at FROM snapshot
WHERE ($1::smallint IS NULL OR cohort = $1) AND ($2::date IS NULL OR reference_date = $2)
  AND ($3::text IS NULL OR region = $3) AND snapshot_id > $4
ORDER BY snapshot_id LIMIT $5

-- name: snapshot
SELECT snapshot_id, cohort, reference_date, region, taken_at FROM snapshot WHERE snapshot_id = $1

-- name: cells
SELECT figure, track_group, value, percentage FROM cell WHERE snapshot_id = $1

-- name: largest_region
-- The region with most expected pupils, as far as that may be told; else the first.
SELECT s.region FROM snapshot s LEFT JOIN cell c
    ON c.snapshot_id = s.snapshot_id AND c.figure = 'expected' AND c.track_group = 'all' AND c.value ~ '^[1-9]'
WHERE s.cohort = $1 AND s.reference_date = $2 ORDER BY c.value::integer DESC NULLS LAST, s.region LIMIT 1

-- name: add_norms
INSERT INTO norms (region, sequence, version, valid_from, norms)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::date[], $5::jsonb[])
ON CONFLICT DO NOTHING RETURNING region

-- name: agreed
-- Of two versions from the same day the one that was adopted later.
SELECT version, norms FROM norms WHERE region = $1 AND valid_from <= $2 ORDER BY valid_from DESC, sequence DESC LIMIT 1
