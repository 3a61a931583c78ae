-- Who can be reached where, and who is present.

-- name: share_directory
-- Who decides by the directory, and who changes it, wait for each other; those who decide do not.
SELECT pg_advisory_xact_lock_shared(hashtext('coordination.directory'))

-- name: hold_directory
SELECT pg_advisory_xact_lock(hashtext('coordination.directory'))

-- name: directory
SELECT version, present_on FROM directory

-- name: new_directory_version
UPDATE directory SET version = $1

-- name: looked_on
UPDATE directory SET present_on = $1 WHERE present_on < $1

-- name: all_organisations
SELECT code, kind, region, municipality FROM organisation

-- name: organisations_in
SELECT code FROM organisation WHERE region = $1

-- name: posts
SELECT organisation, role, person_ref, deputy_ref, valid_from, valid_until FROM contact

-- name: absences
SELECT organisation, person_ref, since, until FROM absence
WHERE $1::text[] IS NULL OR organisation = ANY($1) ORDER BY organisation, person_ref, since

-- name: save_organisations
INSERT INTO organisation (code, kind, name, region, municipality)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, name = excluded.name, region = excluded.region,
    municipality = excluded.municipality

-- name: save_contacts
INSERT INTO contact (organisation, role, person_ref, name, email, deputy_ref, valid_from, valid_until, team)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[],
    $9::text[])
ON CONFLICT (organisation, role, person_ref) DO UPDATE SET name = excluded.name, email = excluded.email,
    deputy_ref = excluded.deputy_ref, valid_from = excluded.valid_from, valid_until = excluded.valid_until,
    team = excluded.team

-- name: forget_absences
DELETE FROM absence WHERE (organisation, person_ref, since) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::date[]))

-- name: save_absences
INSERT INTO absence (organisation, person_ref, since, until)
SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::date[])

-- name: roster
SELECT version, changed_at, changed_by FROM roster WHERE organisation = $1

-- name: next_rosters
INSERT INTO roster (organisation, version, changed_at, changed_by) SELECT code, 1, $2, $3 FROM unnest($1::text[]) AS code
ON CONFLICT (organisation) DO UPDATE SET version = roster.version + 1, changed_at = excluded.changed_at,
    changed_by = excluded.changed_by

-- name: role
SELECT current_setting('role')

-- name: take_role
SELECT set_config('role', $1, true)

-- name: touched
-- Open cases with something of these organisations ($1) in the hands of one of these people ($2), of somebody in one of
-- these roles ($3) or of nobody; and what the coordinators of their regions ($4) hold in place of others.
WITH held AS (
    SELECT c.pupil_ref, c.cohort, c.contact, c.deputy, c.role
    FROM custody c JOIN transition t ON (t.pupil_ref, t.cohort, t.custody_n) = (c.pupil_ref, c.cohort, c.n)
    WHERE t.open AND c.organisation = ANY($1::text[])
    UNION ALL
    SELECT pupil_ref, cohort, contact, deputy, role FROM action WHERE open AND organisation = ANY($1::text[])
)
SELECT pupil_ref, cohort FROM held
WHERE contact IS NULL OR contact = ANY($2::text[]) OR deputy = ANY($2::text[]) OR role = ANY($3::text[])
UNION
SELECT pupil_ref, cohort FROM action
WHERE open AND role = 'region_coordinator' AND organisation = ANY($4::text[])
ORDER BY pupil_ref, cohort

-- name: references
SELECT pupil_ref FROM pupil WHERE root = ANY($1::text[]) ORDER BY pupil_ref
