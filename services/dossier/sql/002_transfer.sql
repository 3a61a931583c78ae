-- Transfer data: what a school wrote per category of the closed list, who was informed of it, and who objects to what.
-- Policies mirror domain/access.py. The person of the session stands in overstap.person.

CREATE TABLE section (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    category text NOT NULL CHECK (category IN ('results', 'internship_and_work', 'advice', 'cognitive',
        'social_emotional', 'support', 'absence')),
    state text NOT NULL CHECK (state IN ('in_progress', 'complete', 'not_present')),
    text text NOT NULL,
    version int NOT NULL,
    saved_at timestamptz NOT NULL,
    saved_by text,
    saved_role text NOT NULL,
    PRIMARY KEY (pupil_ref, cohort, vo_site, category),
    CHECK (state <> 'complete' OR text <> ''),
    CHECK (state <> 'not_present' OR text = '')
);

CREATE TABLE information (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    informed_on date NOT NULL,
    whom text NOT NULL CHECK (whom IN ('parents', 'pupil')),
    how text NOT NULL CHECK (how IN ('talk', 'letter', 'mail', 'portal', 'other')),
    version int NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by text,
    PRIMARY KEY (pupil_ref, cohort, vo_site)
);

CREATE TABLE objection (
    objection_id text PRIMARY KEY,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    category text,                           -- NULL: the whole dossier
    raised_by text NOT NULL CHECK (raised_by IN ('pupil', 'parent')),
    reason text NOT NULL,                    -- stays here
    raised_at timestamptz NOT NULL,
    recorded_role text NOT NULL,
    withdrawn_at timestamptz
);
CREATE INDEX objection_pupil ON objection (pupil_ref, cohort);

-- How far a dossier was when it was last told: states alone, so that whoever changes one part can tell all four.
CREATE TABLE completeness (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    parts jsonb NOT NULL,                    -- part → state
    completed_at jsonb NOT NULL,             -- part → moment
    competences text[] NOT NULL,
    PRIMARY KEY (pupil_ref, cohort, vo_site)
);

-- Who of the school read the care part of which pupil. What institutions read stands in access.
CREATE TABLE care_reading (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    category text NOT NULL,
    at timestamptz NOT NULL,
    role text NOT NULL,
    person_ref text
);
CREATE INDEX care_reading_pupil ON care_reading (pupil_ref, cohort);

ALTER TABLE handover ADD COLUMN not_present text[] NOT NULL DEFAULT '{}';
ALTER TABLE handover ADD COLUMN informed_on date;
ALTER TABLE handover ADD COLUMN received_at timestamptz;
ALTER TABLE access ADD COLUMN opening boolean NOT NULL DEFAULT false;

ALTER TABLE section ENABLE ROW LEVEL SECURITY;
ALTER TABLE information ENABLE ROW LEVEL SECURITY;
ALTER TABLE objection ENABLE ROW LEVEL SECURITY;
ALTER TABLE completeness ENABLE ROW LEVEL SECURITY;
ALTER TABLE care_reading ENABLE ROW LEVEL SECURITY;

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['section', 'information', 'objection', 'completeness', 'care_reading'] LOOP
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['information', 'objection', 'completeness', 'care_reading'] LOOP
        EXECUTE format('CREATE POLICY own_site ON %I TO {{service}}_web
            USING (vo_site = current_setting(''overstap.organisation'', true))', t);
    END LOOP;
    -- The pupil: who was informed, what they object to, how far their dossier is, and who read the care part.
    FOREACH t IN ARRAY ARRAY['objection', 'completeness'] LOOP
        EXECUTE format('CREATE POLICY themself ON %I TO {{service}}_web
            USING (pupil_ref = current_setting(''overstap.pupil'', true))', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['section', 'information', 'care_reading'] LOOP
        EXECUTE format('CREATE POLICY themself ON %I FOR SELECT TO {{service}}_web
            USING (pupil_ref = current_setting(''overstap.pupil'', true))', t);
    END LOOP;
END $$;

-- The school: the mentor part of its own pupils; the care part for who has that task, and for the pupil's own mentor.
CREATE POLICY own_site ON section TO {{service}}_web USING (
    vo_site = current_setting('overstap.organisation', true) AND (
        category NOT IN ('support', 'absence')
        OR current_setting('overstap.role', true) IN ('decaan', 'care_coordinator', 'school_system')
        OR EXISTS (SELECT FROM pupil p WHERE (p.pupil_ref, p.cohort, p.vo_site)
                = (section.pupil_ref, section.cohort, section.vo_site)
            AND current_setting('overstap.person', true) IN (p.mentor, p.deputy))));

-- The institution: what its handover includes, to the roles that its state allows.
CREATE POLICY handed_over ON section FOR SELECT TO {{service}}_web USING (state = 'complete' AND EXISTS (
    SELECT FROM handover h
    WHERE h.pupil_ref = section.pupil_ref AND h.cohort = section.cohort AND h.vo_site = section.vo_site
      AND h.mbo_institution = current_setting('overstap.organisation', true)
      AND section.category = ANY(h.categories)
      AND ((h.status = 'opened' AND section.category NOT IN ('support', 'absence')
            AND current_setting('overstap.role', true) IN ('intaker', 'intake_coordinator', 'school_system'))
        OR (h.status = 'accepted'
            AND current_setting('overstap.role', true) IN ('intaker', 'intake_coordinator', 'slber', 'school_system')))));

-- Who the pupil is and where from: as long as the offer stands and no objection holds it back. The name of whom an
-- offer is about is known from the application; a guide comes in when the dossier was accepted.
DROP POLICY offered ON pupil;
CREATE POLICY offered ON pupil FOR SELECT TO {{service}}_web USING (EXISTS (
    SELECT FROM handover h
    WHERE h.pupil_ref = pupil.pupil_ref AND h.cohort = pupil.cohort AND h.vo_site = pupil.vo_site
      AND h.mbo_institution = current_setting('overstap.organisation', true)
      AND h.categories && ARRAY['administrative', 'education_history']
      AND (h.status = 'accepted'
        OR (h.status IN ('offered', 'opened') AND current_setting('overstap.role', true) <> 'slber'))));
DROP POLICY offered ON choice;
CREATE POLICY offered ON choice FOR SELECT TO {{service}}_web USING (
    mbo_institution = current_setting('overstap.organisation', true) AND EXISTS (
    SELECT FROM handover h
    WHERE h.pupil_ref = choice.pupil_ref AND h.cohort = choice.cohort AND h.vo_site = choice.vo_site
      AND h.mbo_institution = choice.mbo_institution
      AND 'education_history' = ANY(h.categories)
      AND (h.status = 'accepted' OR (h.status = 'opened' AND current_setting('overstap.role', true) <> 'slber'))));
DROP POLICY answered ON handover;
CREATE POLICY answered ON handover FOR UPDATE TO {{service}}_web
    USING (mbo_institution = current_setting('overstap.organisation', true) AND status <> 'draft'
           AND current_setting('overstap.role', true) IN ('intaker', 'intake_coordinator', 'school_system'))
    WITH CHECK (mbo_institution = current_setting('overstap.organisation', true)
                AND status IN ('opened', 'accepted', 'refused'));

-- The pupil: handovers end, or lose a part, when the pupil objects.
CREATE POLICY objected ON handover FOR UPDATE TO {{service}}_web
    USING (pupil_ref = current_setting('overstap.pupil', true) AND status IN ('offered', 'opened', 'accepted'))
    WITH CHECK (pupil_ref = current_setting('overstap.pupil', true)
                AND status IN ('offered', 'opened', 'accepted', 'withdrawn'));

GRANT SELECT, INSERT, UPDATE ON section, information, objection, completeness TO {{service}}_web;
GRANT SELECT, INSERT ON care_reading TO {{service}}_web;

-- How far each category is, never what it says: for whoever may not read the care part, and for the pupil.
CREATE FUNCTION section_states(site text, year int, refs text[])
RETURNS TABLE (pupil_ref text, category text, state text, version int, saved_at timestamptz, saved_by text,
    saved_role text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT s.pupil_ref, s.category, s.state, s.version, s.saved_at, s.saved_by, s.saved_role FROM section s
    WHERE s.vo_site = site AND s.cohort = year AND s.pupil_ref = ANY(refs)
      AND (site = current_setting('overstap.organisation', true)
        OR s.pupil_ref = current_setting('overstap.pupil', true))
$$;

-- Where this pupil is listed: who joins two references sees the rows of their own site alone.
CREATE FUNCTION places_of(ref text) RETURNS TABLE (vo_site text, cohort smallint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT DISTINCT p.vo_site, p.cohort FROM pupil p WHERE p.pupil_ref = ref ORDER BY p.vo_site, p.cohort
$$;

-- The institution has these in its list now. Gives those that it had not before.
CREATE FUNCTION receive_handovers(institution text, keys text[], moment timestamptz) RETURNS SETOF text LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$
    UPDATE handover SET received_at = moment
    WHERE handover_id = ANY(keys) AND mbo_institution = institution AND received_at IS NULL AND status <> 'draft'
      AND institution = current_setting('overstap.organisation', true)
    RETURNING handover_id
$$;

-- Joining and erasing touch rows of every site. Of two rows of one place the newest stays.
CREATE FUNCTION link_transfer(kept text, gone text) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$
    DELETE FROM section k USING section g
    WHERE k.pupil_ref = kept AND g.pupil_ref = gone AND g.saved_at > k.saved_at
      AND (k.cohort, k.vo_site, k.category) = (g.cohort, g.vo_site, g.category);
    DELETE FROM section g USING section k
    WHERE k.pupil_ref = kept AND g.pupil_ref = gone
      AND (k.cohort, k.vo_site, k.category) = (g.cohort, g.vo_site, g.category);
    UPDATE section SET pupil_ref = kept WHERE pupil_ref = gone;
    DELETE FROM information k USING information g
    WHERE k.pupil_ref = kept AND g.pupil_ref = gone AND g.recorded_at > k.recorded_at
      AND (k.cohort, k.vo_site) = (g.cohort, g.vo_site);
    DELETE FROM information g USING information k
    WHERE k.pupil_ref = kept AND g.pupil_ref = gone AND (k.cohort, k.vo_site) = (g.cohort, g.vo_site);
    UPDATE information SET pupil_ref = kept WHERE pupil_ref = gone;
    DELETE FROM completeness g USING completeness k
    WHERE k.pupil_ref = kept AND g.pupil_ref = gone AND (k.cohort, k.vo_site) = (g.cohort, g.vo_site);
    UPDATE completeness SET pupil_ref = kept WHERE pupil_ref = gone;
    UPDATE objection SET pupil_ref = kept WHERE pupil_ref = gone;
    UPDATE care_reading SET pupil_ref = kept WHERE pupil_ref = gone;
$$;

CREATE FUNCTION erase_transfer(refs text[]) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$
    DELETE FROM section WHERE pupil_ref = ANY(refs);
    DELETE FROM information WHERE pupil_ref = ANY(refs);
    DELETE FROM objection WHERE pupil_ref = ANY(refs);
    DELETE FROM completeness WHERE pupil_ref = ANY(refs);
    DELETE FROM care_reading WHERE pupil_ref = ANY(refs);
$$;
REVOKE ALL ON FUNCTION section_states, places_of, receive_handovers, link_transfer, erase_transfer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION section_states, places_of, receive_handovers, link_transfer, erase_transfer
    TO {{service}}_web, {{service}}_worker;
