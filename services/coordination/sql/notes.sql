-- What an operator should know and what is no violation; each query returns (subject, what).

-- name: custodian_without_contact
SELECT c.organisation AS subject, count(*) || ' pupils, and nobody to reach as ' || c.role AS what
FROM transition t JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n)
WHERE t.open AND c.contact IS NULL GROUP BY c.organisation, c.role ORDER BY count(*) DESC, c.organisation

-- name: owner_without_contact
SELECT organisation AS subject, count(*) || ' open actions, and nobody to reach as ' || role AS what
FROM action WHERE open AND contact IS NULL GROUP BY organisation, role ORDER BY count(*) DESC, organisation

-- name: organisation_without_contact
SELECT o.code AS subject, 'no contact' AS what FROM organisation o
WHERE NOT EXISTS (SELECT FROM contact c WHERE c.organisation = o.code) ORDER BY o.code

-- name: task_without_contact
-- Nobody coordinates there, nor the region: the operator is the only one who knows.
SELECT organisation AS subject, kind || ' ' || about || ', and nobody to reach as ' || owner_role || ' of ' || owner_organisation AS what
FROM task WHERE open AND owner_contact IS NULL ORDER BY opened_at, organisation, kind, about
