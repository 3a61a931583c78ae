-- Coordination: who has the pupil, what must be done next, which rule fired. Facts of other services are kept as told.

-- References to children; those with the same root are one child. Transitions live under the root.
CREATE TABLE pupil (
    pupil_ref text PRIMARY KEY,
    root text NOT NULL,
    erased boolean NOT NULL DEFAULT false,   -- must never come back
    name text                                -- on the root, once a school has told it
) WITH (fillfactor = 70);
CREATE INDEX pupil_root ON pupil (root);

-- Which reference absorbs which, as told; the root follows from all of them together.
CREATE TABLE link (
    survivor text NOT NULL,
    absorbed text NOT NULL,
    PRIMARY KEY (survivor, absorbed)
);
CREATE INDEX link_absorbed ON link (absorbed);

-- The newest state of every entity, under the reference it was told of.
CREATE TABLE fact (
    pupil_ref text NOT NULL,
    entity text NOT NULL,
    type text NOT NULL,
    sequence bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (pupil_ref, entity)
) WITH (fillfactor = 70);

-- A pupil in a cohort. Open: exactly one custodian and one next action, which is open; the foreign keys hold that.
CREATE TABLE transition (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    opened_at timestamptz NOT NULL,
    agreement text NOT NULL,
    origin text,
    region text,
    position text NOT NULL,
    outcome text,
    closed_at timestamptz,
    open boolean GENERATED ALWAYS AS (closed_at IS NULL) STORED,
    custody_n smallint NOT NULL,
    next_action text,
    next_open boolean GENERATED ALWAYS AS (CASE WHEN next_action IS NOT NULL THEN true END) STORED,
    actions int NOT NULL,                    -- ever opened
    checks jsonb NOT NULL,                   -- when each rule looks again
    PRIMARY KEY (pupil_ref, cohort),
    CHECK ((closed_at IS NULL) = (next_action IS NOT NULL)),
    CHECK ((closed_at IS NULL) = (outcome IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX transition_origin ON transition (origin) WHERE open;
CREATE INDEX transition_region ON transition (region) WHERE open;

-- Starts only: every row begins where the one before it ends, so that gaps and overlaps can not be written.
CREATE TABLE custody (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    n smallint NOT NULL CHECK (n >= 1),
    since timestamptz NOT NULL,
    prev_n smallint GENERATED ALWAYS AS (nullif(n - 1, 0)) STORED,
    prev_since timestamptz,
    organisation text NOT NULL,
    role text NOT NULL,
    contact text,
    deputy text,
    basis text NOT NULL CHECK (basis IN ('statutory', 'agreed')),
    PRIMARY KEY (pupil_ref, cohort, n),
    UNIQUE (pupil_ref, cohort, n, since),
    FOREIGN KEY (pupil_ref, cohort, prev_n, prev_since) REFERENCES custody (pupil_ref, cohort, n, since),
    CHECK ((n = 1) = (prev_since IS NULL)),
    CHECK (since >= prev_since)
);
CREATE INDEX custody_organisation ON custody (organisation);

CREATE TABLE action (
    action_id text PRIMARY KEY,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    number int NOT NULL,
    kind text NOT NULL,
    about text NOT NULL,
    organisation text NOT NULL,
    role text NOT NULL,
    contact text,
    deputy text,
    due_at timestamptz NOT NULL,
    severity smallint NOT NULL,
    stage smallint NOT NULL,
    step smallint NOT NULL,
    opened_at timestamptz NOT NULL,
    escalated_at timestamptz,
    done_at timestamptz,
    open boolean GENERATED ALWAYS AS (done_at IS NULL) STORED,
    reason text,
    acknowledged_at timestamptz,
    UNIQUE (action_id, pupil_ref, cohort, open),
    UNIQUE (pupil_ref, cohort, number),
    CHECK ((done_at IS NULL) = (reason IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX action_owner ON action (organisation, due_at) WHERE open;

ALTER TABLE transition
    ADD FOREIGN KEY (next_action, pupil_ref, cohort, next_open) REFERENCES action (action_id, pupil_ref, cohort, open)
        DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (pupil_ref, cohort, custody_n) REFERENCES custody (pupil_ref, cohort, n)
        DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE risk (
    risk_id text PRIMARY KEY,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    rule text NOT NULL,
    about text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('notice', 'warning', 'risk')),
    evidence jsonb NOT NULL,
    route jsonb NOT NULL,
    agreement text NOT NULL,
    fired_at timestamptz NOT NULL,
    known_until timestamptz NOT NULL,
    cleared_at timestamptz,
    handled text,                            -- severity up to which somebody has acted
    acknowledged_at timestamptz,
    UNIQUE (pupil_ref, cohort, rule, about)
) WITH (fillfactor = 70);

-- Who can be reached where. No pupils.
CREATE TABLE organisation (
    code text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('vo', 'mbo', 'municipality', 'region')),
    name text NOT NULL,
    region text
);

CREATE TABLE contact (
    organisation text NOT NULL REFERENCES organisation (code) DEFERRABLE INITIALLY DEFERRED,
    role text NOT NULL,
    person_ref text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    deputy_ref text,
    valid_from date NOT NULL,
    PRIMARY KEY (organisation, role, person_ref)
);

-- Changes with every import, so that processes know when to read the directory again.
CREATE TABLE directory (version uuid NOT NULL);
INSERT INTO directory VALUES ('00000000-0000-0000-0000-000000000000');

-- Whether the organisation that asks has this child: as custodian, as the school of origin, or as owner of an open
-- action. Looks with the rights of the owner of the tables, else the policies would ask each other for ever.
CREATE FUNCTION sees(ref text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT EXISTS (
        SELECT FROM transition t JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n)
        WHERE t.pupil_ref = ref AND t.open AND current_setting('overstap.organisation', true) <> ''
          AND current_setting('overstap.organisation', true) IN (c.organisation, t.origin)
    ) OR EXISTS (
        SELECT FROM action a
        WHERE a.pupil_ref = ref AND a.open AND a.organisation = nullif(current_setting('overstap.organisation', true), '')
    )
$$;

CREATE FUNCTION root_of(ref text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT root FROM pupil WHERE pupil_ref = ref
$$;

-- Numbers of a region, for its coordinator alone: never a pupil. `figure`, what it is counted by, and how many.
CREATE FUNCTION region_numbers(now timestamptz, week_later timestamptz)
RETURNS TABLE (figure text, label text, detail text, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    WITH mine AS (
        SELECT t.pupil_ref, t.cohort, t.position, t.custody_n, p.name FROM transition t JOIN pupil p USING (pupil_ref)
        WHERE t.open AND current_setting('overstap.role', true) = 'region_coordinator'
          AND t.region = nullif(current_setting('overstap.organisation', true), '')
    ), todo AS (
        SELECT a.organisation, a.due_at FROM mine JOIN action a USING (pupil_ref, cohort) WHERE a.open
    )
    SELECT 'position', position, '', count(*) FROM mine GROUP BY position
    UNION ALL
    SELECT 'holder', c.organisation, c.role, count(*)
    FROM mine JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (mine.pupil_ref, mine.cohort, mine.custody_n)
    GROUP BY c.organisation, c.role
    UNION ALL
    SELECT 'due', organisation, '', count(*) FROM todo WHERE due_at >= $1 AND due_at < $2 GROUP BY organisation
    UNION ALL
    SELECT 'late', a.organisation, '', count(*) FROM mine JOIN action a USING (pupil_ref, cohort)
    WHERE a.open AND a.step > 0 GROUP BY a.organisation
    UNION ALL
    SELECT 'risk', r.rule, r.severity, count(*) FROM mine JOIN risk r USING (pupil_ref, cohort)
    WHERE r.cleared_at IS NULL GROUP BY r.rule, r.severity
    UNION ALL
    SELECT 'not-known', '', '', count(*) FROM mine WHERE name IS NULL
$$;
REVOKE ALL ON FUNCTION sees, root_of, region_numbers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sees, root_of, region_numbers TO {{service}}_web, {{service}}_worker, overstap_reader;

-- Row-level security: an organisation sees the children it has, or has something to do for.
DO $$ DECLARE name text; test text; BEGIN
    FOR name, test IN VALUES
        ('pupil', 'sees(root)'), ('fact', 'sees(root_of(pupil_ref))'), ('transition', 'sees(pupil_ref)'),
        ('custody', 'sees(pupil_ref)'), ('action', 'sees(pupil_ref)'), ('risk', 'sees(pupil_ref)'),
        ('link', 'sees(root_of(survivor))')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_pupils ON %I TO {{service}}_web USING (%s)', name, test);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO overstap_reader USING (true)', name);
    END LOOP;
END $$;

ALTER TABLE organisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact ENABLE ROW LEVEL SECURITY;
DO $$ DECLARE name text; BEGIN
    FOREACH name IN ARRAY ARRAY['organisation', 'contact'] LOOP
        EXECUTE format('CREATE POLICY everybody ON %I FOR SELECT USING (true)', name);
        EXECUTE format('CREATE POLICY keepers ON %I TO {{service}}_web
            USING (current_setting(''overstap.role'', true) IN (''operator'', ''region_coordinator''))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON pupil, fact, transition, action, risk TO {{service}}_web;
GRANT SELECT, INSERT ON custody TO {{service}}_web;
GRANT SELECT ON link TO {{service}}_web;
GRANT SELECT, INSERT, UPDATE ON organisation, contact, directory TO {{service}}_web;
REVOKE UPDATE ON custody FROM {{service}}_worker;
