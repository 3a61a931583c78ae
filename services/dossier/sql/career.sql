-- What is the pupil's own. Where a web process asks, the owner stands in the query as well as in the policies.

-- name: progress
-- How far the parts of a site's pupils are.
SELECT pupil_ref, part, items, competences, link, done_at, shared_at FROM career_part
WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = ANY($3::text[])

-- name: touch_part
INSERT INTO career_part (pupil_ref, cohort, vo_site, part) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING

-- name: recount
-- What is in a part now; an empty one is neither done nor shared.
WITH entry AS (
    SELECT competences FROM career_entry
    WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 AND (kind = 'plus') = ($4 = 'plus')),
found AS (
    SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM pupil_file
        WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 AND $4 = 'pupil') AS n,
        ARRAY(SELECT DISTINCT c FROM entry, unnest(competences) AS c ORDER BY c) AS named)
UPDATE career_part SET items = n + (link IS NOT NULL)::int, competences = named,
    done_at = CASE WHEN n > 0 OR link IS NOT NULL THEN done_at END,
    shared_at = CASE WHEN n > 0 OR link IS NOT NULL THEN shared_at END
FROM found WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 AND part = $4

-- name: set_link
UPDATE career_part SET link = $5 WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 AND part = $4

-- name: set_done
UPDATE career_part SET done_at = $5 WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 AND part = $4

-- name: share_part
UPDATE career_part SET shared_at = $5 WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 AND part = $4

-- name: entries
-- The newest day first; what has no day comes first of all.
SELECT entry_id, kind, title, day, competences, texts, changed_at FROM career_entry
WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 ORDER BY day DESC NULLS FIRST, entry_id

-- name: save_entry
INSERT INTO career_entry (pupil_ref, cohort, vo_site, entry_id, kind, title, day, competences, texts, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (entry_id) DO UPDATE SET title = excluded.title, day = excluded.day, competences = excluded.competences,
    texts = excluded.texts, changed_at = excluded.changed_at

-- name: remove_entry
DELETE FROM career_entry WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 AND entry_id = $4

-- name: add_reading
INSERT INTO career_reading (pupil_ref, cohort, vo_site, at, role, person_ref, parts) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: readings
SELECT at, role, person_ref, parts FROM career_reading
WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 ORDER BY at DESC

-- name: files
SELECT file_id, title, kind, size, name, added_at, shared_at FROM pupil_file
WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 ORDER BY added_at, file_id

-- name: content
SELECT content FROM pupil_file WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 AND file_id = $4

-- name: add_file
INSERT INTO pupil_file (pupil_ref, cohort, vo_site, file_id, title, kind, size, name, added_at, content)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: remove_file
DELETE FROM pupil_file WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 AND file_id = $4

-- name: share_file
UPDATE pupil_file SET shared_at = $5 WHERE pupil_ref = $1 AND cohort = $2 AND vo_site = $3 AND file_id = $4

-- name: drop_invitations
DELETE FROM invitation WHERE (pupil_ref, cohort, vo_site) IN (SELECT * FROM unnest($1::text[], $2::smallint[], $3::text[]))

-- name: add_invitations
INSERT INTO invitation (pupil_ref, cohort, vo_site, code_hash, made_at, expires_at)
SELECT pupil_ref, cohort, vo_site, code_hash, $5, $6
FROM unnest($1::text[], $2::smallint[], $3::text[], $4::bytea[]) AS new (pupil_ref, cohort, vo_site, code_hash)

-- name: invitations
SELECT pupil_ref, made_at, expires_at, used_at FROM invitation
WHERE vo_site = $1 AND cohort = $2 AND pupil_ref = ANY($3::text[])

-- name: redeem
SELECT verdict, whose, site, year FROM redeem_invitation($1, $2, $3, $4, $5)
