-- Who is present: until when a role is held, when somebody is away, and which role nobody fills.

ALTER TABLE contact
    ADD COLUMN valid_until date,             -- first day on which the role is held no more
    ADD COLUMN team text,
    ADD CHECK (valid_until > valid_from);

-- Days on which somebody is away, in every role at that organisation; never why. Over is forgotten.
CREATE TABLE absence (
    organisation text NOT NULL REFERENCES organisation (code) DEFERRABLE INITIALLY DEFERRED,
    person_ref text NOT NULL,
    since date NOT NULL,
    until date,                              -- first day back
    PRIMARY KEY (organisation, person_ref, since),
    CHECK (until > since)
);

-- How often the list of an organisation changed, and who did it last: for who changes it at the same time.
CREATE TABLE roster (
    organisation text PRIMARY KEY REFERENCES organisation (code) DEFERRABLE INITIALLY DEFERRED,
    version int NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL                 -- role
);

-- The newest day on which it was looked who is present.
ALTER TABLE directory ADD COLUMN present_on date NOT NULL DEFAULT '0001-01-01';

-- Whether the one who asks keeps the list of an organisation in this region: the operator of all, a region's coordinator
-- of the own region.
CREATE FUNCTION keeps_in(wanted text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE current_setting('overstap.role', true)
        WHEN 'operator' THEN true
        WHEN 'region_coordinator' THEN coalesce(wanted = nullif(current_setting('overstap.organisation', true), ''), false)
        ELSE false END
$$;
CREATE FUNCTION keeps(code text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT keeps_in((SELECT o.region FROM organisation o WHERE o.code = $1))
$$;
-- Whether the one who asks may say who is away there: who keeps the list, and who coordinates at that organisation.
CREATE FUNCTION tells_absence(code text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT keeps(code) OR (
        code = nullif(current_setting('overstap.organisation', true), '')
        AND current_setting('overstap.role', true) IN
            ('decaan', 'intake_coordinator', 'leerplicht', 'doorstroompunt', 'region_coordinator'))
$$;
REVOKE ALL ON FUNCTION keeps_in, keeps, tells_absence FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keeps_in, keeps, tells_absence TO {{service}}_web, {{service}}_worker, overstap_reader;

DROP POLICY keepers ON organisation;
DROP POLICY keepers ON contact;
CREATE POLICY keepers ON organisation TO {{service}}_web USING (keeps_in(region));
CREATE POLICY keepers ON contact TO {{service}}_web USING (keeps(organisation));
DO $$ DECLARE name text; BEGIN
    FOREACH name IN ARRAY ARRAY['absence', 'roster'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY everybody ON %I FOR SELECT USING (true)', name);
        EXECUTE format('CREATE POLICY coordinators ON %I TO {{service}}_web USING (tells_absence(organisation))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', name);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON absence TO {{service}}_web;
GRANT SELECT, INSERT, UPDATE ON roster TO {{service}}_web;
