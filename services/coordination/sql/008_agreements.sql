-- Versions of regional agreements as they were adopted: no pupils. What ships with the software is not here.

CREATE TABLE agreement (
    version text PRIMARY KEY,
    region text NOT NULL,
    valid_from date NOT NULL,                -- first day on which transitions open under it
    digest text NOT NULL,
    text text NOT NULL,                      -- as it was adopted; what it does not say stands in what it is based on
    adopted_at timestamptz NOT NULL,
    organisation text NOT NULL,              -- who adopted it
    person_ref text
);
CREATE INDEX agreement_region ON agreement (region, valid_from DESC);
CREATE INDEX transition_agreement ON transition (agreement) WHERE open;

ALTER TABLE agreement ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON agreement FOR SELECT USING (true);
CREATE POLICY keepers ON agreement FOR INSERT TO {{service}}_web WITH CHECK (
    current_setting('overstap.role', true) = 'operator'
    OR (current_setting('overstap.role', true) = 'region_coordinator'
        AND region = nullif(current_setting('overstap.organisation', true), '')));
GRANT SELECT, INSERT ON agreement TO {{service}}_web;

-- How many open transitions of each region stay on each version. Never a pupil.
CREATE FUNCTION pinned_numbers() RETURNS TABLE (region text, version text, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT region, agreement, count(*) FROM transition WHERE open GROUP BY region, agreement
$$;

-- An explicit, recorded act: open transitions of a region go on under another version. The worker takes them over one by
-- one, each in the order of its own events; here they are only set going. Returns how many.
CREATE FUNCTION move_transitions(wanted_region text, from_version text, to_version text, at timestamptz) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = {{service}} AS $$
    WITH moved AS (
        INSERT INTO timer (kind, subject, key, due_at)
        SELECT 'agreement', pupil_ref, cohort || ':' || to_version, at FROM transition
        WHERE open AND region = wanted_region AND agreement = from_version
          AND (current_setting('overstap.role', true) = 'operator'
               OR (current_setting('overstap.role', true) = 'region_coordinator'
                   AND wanted_region = nullif(current_setting('overstap.organisation', true), '')))
        ORDER BY pupil_ref, cohort
        ON CONFLICT (kind, subject, key) DO UPDATE SET due_at = excluded.due_at
        RETURNING 1
    )
    SELECT count(*) FROM moved
$$;
REVOKE ALL ON FUNCTION pinned_numbers, move_transitions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pinned_numbers, move_transitions TO {{service}}_web, {{service}}_worker, overstap_reader;
