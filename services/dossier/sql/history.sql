-- What happened to pupils, for the pages of their school.

-- name: add_steps
INSERT INTO step (entity, subject, key, cohort, sequence, type, at, organisation, role, detail)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::bigint[], $6::text[], $7::timestamptz[],
    $8::text[], $9::text[], $10::jsonb[])
ON CONFLICT DO NOTHING

-- name: steps
-- What others told about these pupils in one cohort, as far as the school may follow them, oldest first.
WITH until AS MATERIALIZED (SELECT ref AS pupil_ref, hears_until(ref, $2) AS ends FROM unnest($1::text[]) AS ref), family AS (
    SELECT ref AS pupil_ref, ref AS subject FROM unnest($1::text[]) AS ref
    UNION ALL SELECT survivor, absorbed FROM alias WHERE survivor = ANY($1::text[]))
SELECT f.pupil_ref, s.type, s.entity || ' ' || s.key AS key, s.at, s.organisation, s.role, NULL AS person_ref, s.detail
FROM family f JOIN until USING (pupil_ref)
-- By subject, one after the other: a policy looks at every row that is read.
CROSS JOIN LATERAL (SELECT type, entity, key, at, organisation, role, detail, cohort, sequence FROM step
    WHERE subject = f.subject OFFSET 0) AS s
WHERE s.cohort = $2 AND s.at < ends AND ($3::text[] IS NULL OR s.entity = ANY($3::text[]))
ORDER BY s.at, s.sequence

-- name: own_history
SELECT type, key, at, organisation, role, person_ref, detail FROM own_history($1, $2)
