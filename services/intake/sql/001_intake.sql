-- What an mbo institution received and decided, and what it must know of others for its work.
-- `pupil_ref` is always the surviving reference of a pupil; `stream` the reference under which something was told.

-- Who a pupil is: as a vo school tells it, else as the institution told it that met the pupil first.
CREATE TABLE pupil (
    stream text PRIMARY KEY,
    pupil_ref text NOT NULL,
    first_name text NOT NULL,
    prefix text NOT NULL,
    last_name text NOT NULL,
    birth_date date NOT NULL,
    municipality text,
    met_at text,                             -- institution that met the pupil first; NULL: told by a vo school
    as_of timestamptz,                       -- moment of which the institution's data are
    sequence bigint NOT NULL DEFAULT 0
);
CREATE INDEX pupil_by_ref ON pupil (pupil_ref);

-- An application as its facts now make it.
CREATE TABLE application (
    application_id text PRIMARY KEY,
    mbo_institution text NOT NULL,
    own_id text NOT NULL,                    -- the institution's own key
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    programme text NOT NULL,
    pathway text NOT NULL,
    status text NOT NULL CHECK (status IN ('submitted', 'received', 'offered', 'enrolled', 'rejected', 'withdrawn')),
    status_at timestamptz NOT NULL,
    channel text NOT NULL,
    UNIQUE (mbo_institution, own_id)
);
CREATE INDEX application_by_pupil ON application (pupil_ref, mbo_institution);

-- Every fact ever told about an application: `at` in the real world, `arrived` here. Facts are only added.
CREATE TABLE fact (
    application_id text NOT NULL REFERENCES application ON DELETE CASCADE,
    source_system text NOT NULL,
    row_id text NOT NULL,
    version integer NOT NULL,
    mbo_institution text NOT NULL,
    programme text NOT NULL,
    pathway text NOT NULL,
    status text NOT NULL,
    at timestamptz NOT NULL,
    arrived timestamptz NOT NULL,
    PRIMARY KEY (application_id, source_system, row_id, version)
);

-- The intake of an application as it now is, and every result ever recorded.
CREATE TABLE intake (
    application_id text PRIMARY KEY REFERENCES application ON DELETE CASCADE,
    mbo_institution text NOT NULL,
    held_on date NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('placed', 'provisional', 'rejected', 'other_advice', 'further_study')),
    reason text,
    recorded_at timestamptz NOT NULL,
    CHECK (outcome NOT IN ('rejected', 'other_advice') OR reason IS NOT NULL)
);
CREATE TABLE intake_result (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application_id text NOT NULL REFERENCES application ON DELETE CASCADE,
    mbo_institution text NOT NULL,
    held_on date NOT NULL,
    outcome text NOT NULL,
    reason text,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX intake_result_by_application ON intake_result (application_id);

-- Told by others. Of one stream the highest sequence stands; between streams (after a link) the newest.
CREATE TABLE choice (
    choice_id text PRIMARY KEY,
    stream text NOT NULL,
    sequence bigint NOT NULL,
    told_at timestamptz NOT NULL,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    mbo_institution text NOT NULL,
    programme text NOT NULL,
    pathway text NOT NULL,
    preference smallint NOT NULL,
    withdrawn boolean NOT NULL
);
CREATE INDEX choice_by_pupil ON choice (pupil_ref, mbo_institution);
CREATE INDEX choice_by_institution ON choice (mbo_institution) WHERE NOT withdrawn;
CREATE TABLE handover (
    handover_id text PRIMARY KEY,
    stream text NOT NULL,
    sequence bigint NOT NULL,
    told_at timestamptz NOT NULL,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    mbo_institution text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    offered_at timestamptz,
    opened_at timestamptz,
    accepted_at timestamptz,
    ended_at timestamptz
);
CREATE INDEX handover_by_pupil ON handover (pupil_ref, mbo_institution);
CREATE INDEX handover_by_institution ON handover (mbo_institution) WHERE status = 'offered';
CREATE TABLE alert (
    alert_id text PRIMARY KEY,
    stream text NOT NULL,
    sequence bigint NOT NULL,
    told_at timestamptz NOT NULL,
    pupil_ref text NOT NULL,
    organisation text NOT NULL,
    rule text NOT NULL,
    severity text NOT NULL,
    status text NOT NULL,
    raised_at timestamptz NOT NULL
);
CREATE INDEX alert_by_pupil ON alert (pupil_ref, organisation);

-- Told by others, one per pupil and cohort.
CREATE TABLE expectation (
    stream text NOT NULL,
    cohort smallint NOT NULL,
    sequence bigint NOT NULL,
    pupil_ref text NOT NULL,
    vo_site text NOT NULL,
    track text NOT NULL,
    PRIMARY KEY (stream, cohort)
);
CREATE INDEX expectation_by_pupil ON expectation (pupil_ref);
CREATE TABLE custody (
    stream text NOT NULL,
    cohort smallint NOT NULL,
    sequence bigint NOT NULL,
    pupil_ref text NOT NULL,
    organisation text NOT NULL,
    role text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (stream, cohort)
);
CREATE INDEX custody_by_pupil ON custody (pupil_ref);

CREATE TABLE organisation (code text PRIMARY KEY, name text NOT NULL, sequence bigint NOT NULL);

-- Two references of one child: every link ever told, and what follows from them all.
CREATE TABLE link (absorbed text NOT NULL, survivor text NOT NULL, PRIMARY KEY (absorbed, survivor));
CREATE INDEX link_by_survivor ON link (survivor);
CREATE TABLE alias (absorbed text PRIMARY KEY, survivor text NOT NULL);
CREATE INDEX alias_by_survivor ON alias (survivor);
-- Pupils of whom nothing may come back.
CREATE TABLE erased (pupil_ref text PRIMARY KEY);

-- Everything below the line of one institution is seen by that institution alone.
DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['pupil', 'application', 'fact', 'intake', 'intake_result', 'choice', 'handover', 'alert',
        'expectation', 'custody', 'link', 'alias', 'erased'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['application', 'fact', 'intake', 'intake_result', 'choice', 'handover'] LOOP
        EXECUTE format('CREATE POLICY own ON %I TO {{service}}_web
            USING (mbo_institution = current_setting(''overstap.organisation'', true))', t);
    END LOOP;
    -- A pupil is seen by whom they applied to, chose, or to whom their dossier is offered or given.
    FOREACH t IN ARRAY ARRAY['pupil', 'expectation', 'custody'] LOOP
        EXECUTE format('CREATE POLICY involved ON %1$I FOR SELECT TO {{service}}_web USING (
            EXISTS (SELECT FROM application a WHERE a.pupil_ref = %1$I.pupil_ref
                AND a.mbo_institution = current_setting(''overstap.organisation'', true))
            OR EXISTS (SELECT FROM choice c WHERE c.pupil_ref = %1$I.pupil_ref AND NOT c.withdrawn
                AND c.mbo_institution = current_setting(''overstap.organisation'', true))
            OR EXISTS (SELECT FROM handover h WHERE h.pupil_ref = %1$I.pupil_ref
                AND h.status IN (''offered'', ''opened'', ''accepted'')
                AND h.mbo_institution = current_setting(''overstap.organisation'', true)))', t);
    END LOOP;
END $$;
CREATE POLICY own ON alert TO {{service}}_web USING (organisation = current_setting('overstap.organisation', true));
CREATE POLICY meet ON pupil FOR INSERT TO {{service}}_web
    WITH CHECK (met_at = current_setting('overstap.organisation', true));
CREATE POLICY mend ON pupil FOR UPDATE TO {{service}}_web
    USING (met_at = current_setting('overstap.organisation', true));

GRANT SELECT, INSERT, UPDATE ON application, intake, pupil TO {{service}}_web;
GRANT SELECT, INSERT ON fact, intake_result TO {{service}}_web;
GRANT SELECT ON choice, handover, alert, expectation, custody, organisation TO {{service}}_web;

-- Who hides behind references that the caller already holds: codes only, so that a web process can tell a known pupil
-- from a new one without seeing pupils of others.
CREATE FUNCTION resolve(refs text[]) RETURNS TABLE (ref text, pupil_ref text, known boolean, erased boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT r.ref, coalesce(a.survivor, r.ref),
        EXISTS (SELECT FROM pupil p WHERE p.pupil_ref = coalesce(a.survivor, r.ref)),
        EXISTS (SELECT FROM erased e WHERE e.pupil_ref IN (r.ref, a.survivor))
    FROM unnest(refs) AS r (ref) LEFT JOIN alias a ON a.absorbed = r.ref
$$;

-- Everything of these references goes; what is left says only that they were erased.
CREATE FUNCTION erase(refs text[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {{service}} AS $$
    INSERT INTO erased SELECT unnest(refs) ON CONFLICT DO NOTHING;
    DELETE FROM application WHERE pupil_ref = ANY(refs);
    DELETE FROM pupil WHERE pupil_ref = ANY(refs) OR stream = ANY(refs);
    DELETE FROM choice WHERE pupil_ref = ANY(refs) OR stream = ANY(refs);
    DELETE FROM handover WHERE pupil_ref = ANY(refs) OR stream = ANY(refs);
    DELETE FROM alert WHERE pupil_ref = ANY(refs) OR stream = ANY(refs);
    DELETE FROM expectation WHERE pupil_ref = ANY(refs) OR stream = ANY(refs);
    DELETE FROM custody WHERE pupil_ref = ANY(refs) OR stream = ANY(refs);
    DELETE FROM link WHERE absorbed = ANY(refs) OR survivor = ANY(refs);
    DELETE FROM alias WHERE absorbed = ANY(refs);
$$;

-- A reference and all that it has absorbed, at any remove.
CREATE FUNCTION absorbed_by(ref text) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = {{service}} AS $$
    WITH RECURSIVE below (ref) AS (
        SELECT absorbed_by.ref UNION SELECT l.absorbed FROM link l JOIN below ON l.survivor = below.ref)
    SELECT ref FROM below
$$;
-- The only erasure a web process can do: of a pupil whom its own institution met first and no school knows.
CREATE FUNCTION erase_met_here(ref text) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {{service}} AS $$
DECLARE refs text[];
BEGIN
    IF NOT EXISTS (SELECT FROM pupil p WHERE p.pupil_ref = ref
                   AND p.met_at = current_setting('overstap.organisation', true))
       OR EXISTS (SELECT FROM pupil p WHERE p.pupil_ref = ref AND p.met_at IS NULL) THEN
        RETURN;
    END IF;
    refs := ARRAY(SELECT absorbed_by(ref));
    PERFORM erase(refs);
    RETURN QUERY SELECT unnest(refs);
END $$;
REVOKE ALL ON FUNCTION resolve, erase, absorbed_by, erase_met_here FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resolve TO {{service}}_web, {{service}}_worker;
GRANT EXECUTE ON FUNCTION erase, absorbed_by TO {{service}}_worker;
GRANT EXECUTE ON FUNCTION erase_met_here TO {{service}}_web;
