-- What is the pupil's own. Where a web process asks, the owner stands in the query as well as in the policies.

-- name: progress
-- How far the parts of a site's pupils are.
SELECT pupil_ref, part, items, competences, link, done_at, shared_at FROM career_part
WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = ANY($3::text[])
