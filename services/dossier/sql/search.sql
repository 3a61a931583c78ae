-- name: search
-- Pupils of a site by what somebody knows of them; what is not given does not count.
SELECT pupil_ref, cohort, vo_site, number, first_name, prefix, last_name, birth_date, postcode, municipality,
    basic_qualification, track, class_name, mentor, deputy, listed
FROM pupil
WHERE vo_site = $1 AND ($2::int IS NULL OR cohort = $2) AND ($3::text IS NULL OR number = $3)
  AND ($4::text IS NULL OR pupil_ref = coalesce((SELECT survivor FROM alias WHERE absorbed = $4), $4))
  AND position(lower($5) IN lower(concat_ws(' ', first_name, nullif(prefix, ''), last_name))) > 0
  AND pupil_ref || '-' || cohort > $6 COLLATE "C"
ORDER BY (pupil_ref || '-' || cohort) COLLATE "C" LIMIT $7
