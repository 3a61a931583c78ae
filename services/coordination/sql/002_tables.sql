-- The Overstaptafel (case table): organisations of a region talk about open cases on a day, and agree who does what.

ALTER TABLE transition
    ADD COLUMN residence text,               -- leerplicht or Doorstroompunt of the residence, for the legal population
    ADD COLUMN heard_from date;              -- from which day it may hear of a pupil that it has nothing to do for
CREATE INDEX risk_open ON risk (pupil_ref, cohort) WHERE cleared_at IS NULL;
CREATE INDEX action_pupil ON action (pupil_ref, cohort) WHERE open;

CREATE TABLE case_table (
    table_id text PRIMARY KEY,
    region text NOT NULL,
    held_on date NOT NULL,
    planned_by text NOT NULL,                -- organisation
    closed_at timestamptz,
    version int NOT NULL
);
CREATE INDEX case_table_region ON case_table (region, held_on);

CREATE TABLE seat (
    table_id text NOT NULL REFERENCES case_table ON DELETE CASCADE,
    organisation text NOT NULL,
    PRIMARY KEY (table_id, organisation)
);
CREATE INDEX seat_organisation ON seat (organisation);

-- What was agreed: the action says what, by whom, before when, and what became of it.
CREATE TABLE decision (
    action_id text PRIMARY KEY REFERENCES action ON DELETE CASCADE,
    table_id text NOT NULL REFERENCES case_table,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    decided_at timestamptz NOT NULL,
    organisation text NOT NULL,              -- who wrote it down
    person_ref text
);
CREATE INDEX decision_table ON decision (table_id);
CREATE INDEX decision_pupil ON decision (pupil_ref, cohort);

-- Open cases in which something is the matter, with every organisation involved: who has the pupil, who must act next,
-- the school of origin, where an application lives, and leerplicht or Doorstroompunt of the residence.
CREATE VIEW involved AS
SELECT t.pupil_ref, t.cohort, who.organisation, who.heard_from
FROM transition t
JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n)
JOIN action a ON a.action_id = t.next_action
CROSS JOIN LATERAL (
    VALUES (c.organisation, NULL::date), (a.organisation, NULL), (t.origin, NULL), (t.residence, t.heard_from)
    UNION ALL SELECT code, NULL FROM unnest(t.live) AS code
) AS who (organisation, heard_from)
WHERE t.open AND who.organisation IS NOT NULL AND (
    EXISTS (SELECT FROM risk r WHERE (r.pupil_ref, r.cohort) = (t.pupil_ref, t.cohort) AND r.cleared_at IS NULL)
    OR EXISTS (SELECT FROM action o WHERE (o.pupil_ref, o.cohort) = (t.pupil_ref, t.cohort) AND o.open
               AND (o.step > 0 OR o.about LIKE 'table:%')));

-- The agenda of a table for the organisation that asks and sits at it: the cases in which it is involved itself. A
-- coordinator of a region sees numbers alone.
CREATE FUNCTION agenda(wanted text) RETURNS TABLE (pupil_ref text, cohort smallint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT DISTINCT i.pupil_ref, i.cohort
    FROM case_table m JOIN seat s USING (table_id) JOIN involved i ON i.organisation = s.organisation
    WHERE m.table_id = wanted AND m.closed_at IS NULL
      AND s.organisation = nullif(current_setting('overstap.organisation', true), '')
      AND current_setting('overstap.role', true) <> 'region_coordinator'
      AND (i.heard_from IS NULL OR m.held_on >= i.heard_from)
$$;

-- How many cases each of those present is involved in, and all together: for who sits at the table or coordinates its
-- region. Never a pupil.
CREATE FUNCTION agenda_numbers(wanted text) RETURNS TABLE (organisation text, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    WITH allowed AS (
        SELECT m.table_id, m.held_on FROM case_table m
        WHERE m.table_id = wanted AND current_setting('overstap.organisation', true) <> ''
          AND (EXISTS (SELECT FROM seat s WHERE s.table_id = m.table_id
                       AND s.organisation = current_setting('overstap.organisation', true))
               OR m.region = current_setting('overstap.organisation', true))
    ), mine AS (
        SELECT s.organisation, i.pupil_ref, i.cohort
        FROM allowed m JOIN seat s USING (table_id) JOIN involved i ON i.organisation = s.organisation
        WHERE i.heard_from IS NULL OR m.held_on >= i.heard_from
    )
    SELECT organisation, count(DISTINCT (pupil_ref, cohort)) FROM mine GROUP BY organisation
    UNION ALL
    SELECT NULL, (SELECT count(DISTINCT (pupil_ref, cohort)) FROM mine) FROM allowed
$$;

-- As before; and of an open table at which it sits, the cases on its agenda.
CREATE OR REPLACE FUNCTION sees(ref text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT EXISTS (
        SELECT FROM transition t JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n)
        WHERE t.pupil_ref = ref AND t.open AND current_setting('overstap.organisation', true) <> ''
          AND current_setting('overstap.organisation', true) IN (c.organisation, t.origin)
    ) OR EXISTS (
        SELECT FROM action a
        WHERE a.pupil_ref = ref AND a.open AND a.organisation = nullif(current_setting('overstap.organisation', true), '')
    ) OR EXISTS (
        SELECT FROM seat s JOIN case_table m USING (table_id)
        JOIN involved i ON i.organisation = s.organisation AND i.pupil_ref = ref
        WHERE s.organisation = nullif(current_setting('overstap.organisation', true), '') AND m.closed_at IS NULL
          AND current_setting('overstap.role', true) <> 'region_coordinator'
          AND (i.heard_from IS NULL OR m.held_on >= i.heard_from)
    )
$$;

-- Whether the organisation that asks sits at this table, planned it or is its region.
CREATE FUNCTION sits_at(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT EXISTS (
        SELECT FROM case_table m LEFT JOIN seat s USING (table_id)
        WHERE m.table_id = wanted AND current_setting('overstap.organisation', true) <> ''
          AND current_setting('overstap.organisation', true) IN (m.region, m.planned_by, s.organisation))
$$;
REVOKE ALL ON FUNCTION agenda, agenda_numbers, sits_at FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenda, agenda_numbers, sits_at TO {{service}}_web, {{service}}_worker, overstap_reader;
REVOKE ALL ON involved FROM {{service}}_web;

DO $$ DECLARE name text; test text; BEGIN
    FOR name, test IN VALUES
        ('case_table', 'sits_at(table_id) OR planned_by = nullif(current_setting(''overstap.organisation'', true), '''')'),
        ('seat', 'sits_at(table_id)'), ('decision', 'sees(pupil_ref)')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY at_the_table ON %I TO {{service}}_web USING (%s)', name, test);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO overstap_reader USING (true)', name);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON case_table TO {{service}}_web;
GRANT SELECT, INSERT, DELETE ON seat TO {{service}}_web;
GRANT SELECT, INSERT ON decision TO {{service}}_web;
