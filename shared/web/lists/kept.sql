-- name: views
SELECT name, query FROM saved_view WHERE organisation = $1 AND person_ref = $2 AND page = $3 ORDER BY name

-- name: keep_view
INSERT INTO saved_view (organisation, person_ref, page, name, query, at)
SELECT $1, $2, $3, $4, $5, $6
WHERE $7 > (SELECT count(*) FROM saved_view
            WHERE organisation = $1 AND person_ref = $2 AND page = $3 AND name <> $4)
ON CONFLICT (organisation, person_ref, page, name) DO UPDATE SET query = excluded.query, at = excluded.at
RETURNING name

-- name: drop_view
DELETE FROM saved_view WHERE organisation = $1 AND person_ref = $2 AND page = $3 AND name = $4 RETURNING query

-- name: log_export
INSERT INTO export_log (organisation, person_ref, role, at, page, filter, searched, rows)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: exports
SELECT at, page, person_ref, role, filter, searched, rows FROM export_log
WHERE organisation = $1 AND ($2::text IS NULL OR person_ref = $2) ORDER BY at DESC, n DESC LIMIT $3
