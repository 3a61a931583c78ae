-- The application status export of the national chain, and pupils who are known from there alone.

-- A shadow pupil: nobody told who this is. Their applications count, and have no custodian.
ALTER TABLE application ADD start date, ADD shadow boolean NOT NULL DEFAULT false;
CREATE INDEX application_of_shadow ON application (pupil_ref) WHERE shadow;
ALTER TABLE fact ADD start date;

-- A file between its arrival and its end. `arriving`: not complete; `arrived`: waits for a person; `taking`: in work.
CREATE TABLE export (
    export_id uuid PRIMARY KEY,
    organisation text NOT NULL,              -- who sent it
    role text NOT NULL,
    person_ref text,
    state text NOT NULL CHECK (state IN ('arriving', 'arrived', 'taking', 'done')),
    sent_at timestamptz NOT NULL,
    header text NOT NULL DEFAULT '',         -- its first line, as it was sent
    received integer NOT NULL DEFAULT 0,
    applied integer NOT NULL DEFAULT 0,
    unchanged integer NOT NULL DEFAULT 0,
    skipped integer NOT NULL DEFAULT 0,
    quarantined integer NOT NULL DEFAULT 0,
    bad integer NOT NULL DEFAULT 0,          -- rows that can not be used, found on arrival
    faults jsonb NOT NULL DEFAULT '[]',      -- the first of them
    CHECK (received >= applied + unchanged + skipped + quarantined)
);
CREATE INDEX export_to_take ON export (sent_at) WHERE state = 'taking';

-- Its rows, until they are taken in; `reason` is not null: waits for quarantine.
CREATE TABLE export_row (
    export_id uuid NOT NULL,
    line integer NOT NULL,
    sealed bytea NOT NULL,                   -- the row as it was sent
    reason text,
    faults text,
    pupil_ref text,                          -- keyed hash of the hash: of the pupil, or of the shadow
    application_id text,
    mbo_institution text,
    own_id text,
    source_system text,
    row_id text,
    version integer,
    programme text,
    pathway text,
    status text,
    at timestamptz,
    arrived timestamptz,
    start date,
    PRIMARY KEY (export_id, line)
);
CREATE INDEX export_row_by_pupil ON export_row (export_id, pupil_ref) WHERE reason IS NULL;

-- A shadow that somebody said is a pupil; the worker joins them.
CREATE TABLE shadow_link (
    shadow text PRIMARY KEY,
    pupil_ref text NOT NULL,
    organisation text NOT NULL,
    role text NOT NULL,
    person_ref text
);

ALTER TABLE export ENABLE ROW LEVEL SECURITY;
ALTER TABLE shadow_link ENABLE ROW LEVEL SECURITY;
DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['export', 'shadow_link'] LOOP
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
        EXECUTE format('CREATE POLICY own ON %I TO {{service}}_web
            USING (organisation = current_setting(''overstap.organisation'', true))', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON export TO {{service}}_web;
GRANT SELECT, INSERT ON shadow_link TO {{service}}_web;
-- COPY does not go together with row-level security: a web process puts rows in and reads none.
GRANT INSERT ON export_row TO {{service}}_web;

-- For the operator, who sees no applications: whether this is a shadow.
CREATE FUNCTION is_shadow(ref text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT EXISTS (SELECT FROM application a WHERE a.pupil_ref = ref AND a.shadow)
$$;
REVOKE ALL ON FUNCTION is_shadow FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_shadow TO {{service}}_web, {{service}}_worker;
