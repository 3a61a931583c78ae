-- What belongs to work lists: views that somebody keeps, and which lists were taken away as a file, by whom.

-- A filter of a list that somebody gave a name. What was searched for is never in it.
CREATE TABLE saved_view (
    organisation text NOT NULL,
    person_ref text NOT NULL,
    page text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    query text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (organisation, person_ref, page, name)
);

-- Lists with personal data that left as a file. Rows are only added.
CREATE TABLE export_log (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation text NOT NULL,
    person_ref text NOT NULL,
    role text NOT NULL,
    at timestamptz NOT NULL,
    page text NOT NULL,
    filter text NOT NULL,                    -- as in the address of the page
    searched boolean NOT NULL,               -- whether there was a search too; never what for
    rows integer NOT NULL
);
CREATE INDEX export_log_of ON export_log (organisation, at);

-- Views are seen by whom they belong to; what was exported also by the coordinator of the organisation.
DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY ARRAY['saved_view', 'export_log'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own ON %I TO {{service}}_web
        USING (organisation = current_setting(''overstap.organisation'', true)
            AND person_ref = current_setting(''overstap.person'', true))', t);
    EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
    EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
END LOOP; END $$;
CREATE POLICY overseer ON export_log FOR SELECT TO {{service}}_web
    USING (organisation = current_setting('overstap.organisation', true)
        AND current_setting('overstap.role', true) IN ('decaan', 'intake_coordinator', 'region_coordinator'));
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_view TO {{service}}_web;
GRANT SELECT, INSERT ON export_log TO {{service}}_web;
