-- Concerns: somebody of the school or of an institution asks others to look at a pupil. Policies mirror
-- domain/concerns.py; the person of the session stands in overstap.role.

CREATE TABLE concern (
    concern_id text PRIMARY KEY,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text,                            -- NULL: no school is known where it was raised
    organisation text NOT NULL,              -- who raised it: that school or that institution
    raised_by text NOT NULL,                 -- in which role
    person_ref text,
    raised_at timestamptz NOT NULL,
    reason text NOT NULL,
    route text[] NOT NULL CHECK (cardinality(route) > 0),
    mbo_institution text,
    note_ref text,
    status text NOT NULL CHECK (status IN ('open', 'resolved')),
    resolved_at timestamptz,
    resolution text,
    version int NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    CHECK (organisation = vo_site OR organisation = mbo_institution),
    CHECK ((status = 'resolved') = (resolved_at IS NOT NULL) AND (status = 'resolved') = (resolution IS NOT NULL))
);
CREATE INDEX concern_pupil ON concern (pupil_ref, cohort);
CREATE INDEX concern_organisation ON concern (organisation, status);
CREATE INDEX concern_site ON concern (vo_site, status);
CREATE INDEX concern_institution ON concern (mbo_institution, status);

-- What somebody wrote with a concern: for their own organisation alone, and on no event.
CREATE TABLE concern_note (
    note_ref text PRIMARY KEY,
    concern_id text NOT NULL REFERENCES concern ON DELETE CASCADE,
    organisation text NOT NULL,
    at timestamptz NOT NULL,
    role text NOT NULL,
    person_ref text,
    text text NOT NULL
);
CREATE INDEX concern_note_concern ON concern_note (concern_id, at);

-- Until when a school hears of single pupils of a cohort (deploy/reference/feedback_limits.csv), written with the first
-- fact about that cohort; without a row it hears nothing. The rows of before are what the table of 2018 says.
CREATE TABLE follow_limit (cohort smallint PRIMARY KEY, ends timestamptz NOT NULL);
INSERT INTO follow_limit (cohort, ends)
    SELECT DISTINCT cohort, make_timestamptz(cohort, 10, 2, 0, 0, 0, 'Europe/Amsterdam') FROM told WHERE cohort > 2000;

ALTER TABLE concern ENABLE ROW LEVEL SECURITY;
ALTER TABLE concern_note ENABLE ROW LEVEL SECURITY;
ALTER TABLE follow_limit ENABLE ROW LEVEL SECURITY;
DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['concern', 'concern_note', 'follow_limit'] LOOP
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
    END LOOP;
END $$;

-- The instant from which a school hears no more of this one pupil: the limit of the cohort, or the first start when that
-- is later. A start that turned out not to be one counts for nothing; one that ended, or that others follow, does.
CREATE FUNCTION followed_end(ref text, year int) RETURNS timestamptz LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
DECLARE
    root text := coalesce((SELECT survivor FROM alias WHERE absorbed = ref), ref);
    started date := (
        SELECT min(greatest((s.detail->>'first_day')::date, (s.at AT TIME ZONE 'Europe/Amsterdam')::date)) FROM step s
        WHERE s.subject IN (SELECT root UNION ALL SELECT absorbed FROM alias WHERE survivor = root)
          AND s.cohort = year AND s.entity = 'enrolment' AND s.type = 'student-started' AND NOT EXISTS (
            SELECT FROM told t WHERE (t.entity, t.subject, t.key) = (s.entity, s.subject, s.key)
              AND t.type = 'student-not-started'));
BEGIN
    RETURN (SELECT greatest(ends, (started + 1)::timestamp AT TIME ZONE 'Europe/Amsterdam') FROM follow_limit
            WHERE cohort = year);
END $$;

-- Whether somebody at the organisation that asks is to hear of this concern: an institution for as long as it knows the
-- pupil, and a school of what was raised while it could still follow the pupil.
CREATE FUNCTION hears_of(c concern) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT CASE current_setting('overstap.organisation', true)
        WHEN c.vo_site THEN c.route && ARRAY['mentor', 'decaan', 'care_coordinator']
            AND c.raised_at < followed_end(c.pupil_ref, c.cohort)
        WHEN c.mbo_institution THEN c.route && ARRAY['slber', 'intaker', 'intake_coordinator']
            AND known_at(c.pupil_ref, c.cohort, c.mbo_institution)
        ELSE false END
$$;

-- Whether the school of a pupil may hear of what is raised now: for an institution that knows the pupil.
CREATE FUNCTION school_follows(pupil text, year int, moment timestamptz) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT coalesce(school_of(pupil, year) IS NOT NULL AND moment < followed_end(pupil, year), false)
$$;

-- The names of these pupils: for the school, and for the institution as long as it knows them.
CREATE FUNCTION names_known(refs text[], years int[]) RETURNS TABLE (pupil_ref text, cohort int, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT DISTINCT ON (a.ref, a.year) a.ref, a.year,
        concat_ws(' ', nullif(p.first_name, ''), nullif(p.prefix, ''), nullif(p.last_name, ''))
    FROM unnest(refs, years) AS a (ref, year) JOIN pupil p ON p.pupil_ref = a.ref AND p.cohort = a.year
    WHERE p.vo_site = current_setting('overstap.organisation', true)
       OR known_at(a.ref, a.year, current_setting('overstap.organisation', true))
    ORDER BY a.ref, a.year, (p.vo_site = current_setting('overstap.organisation', true)) DESC, p.listed DESC, p.vo_site
$$;

CREATE POLICY raised ON concern FOR SELECT TO {{service}}_web
    USING (organisation = current_setting('overstap.organisation', true) OR hears_of(concern));
CREATE POLICY own_concern ON concern FOR INSERT TO {{service}}_web WITH CHECK (
    organisation = current_setting('overstap.organisation', true)
    AND raised_by = current_setting('overstap.role', true) AND status = 'open'
    AND CASE organisation
        WHEN vo_site THEN raised_by IN ('mentor', 'decaan', 'care_coordinator')
            AND EXISTS (SELECT FROM pupil p
                WHERE (p.pupil_ref, p.cohort, p.vo_site) = (concern.pupil_ref, concern.cohort, concern.vo_site))
            AND (mbo_institution IS NULL OR known_at(pupil_ref, cohort, mbo_institution))
        ELSE raised_by IN ('slber', 'intaker', 'intake_coordinator') AND known_at(pupil_ref, cohort, organisation)
            AND vo_site IS NOT DISTINCT FROM school_of(pupil_ref, cohort) END);
CREATE POLICY ended ON concern FOR UPDATE TO {{service}}_web
    USING (status = 'open' AND (organisation = current_setting('overstap.organisation', true) OR hears_of(concern))
        AND current_setting('overstap.role', true)
            IN ('mentor', 'decaan', 'care_coordinator', 'slber', 'intaker', 'intake_coordinator'))
    WITH CHECK (status = 'resolved' AND changed_by = current_setting('overstap.organisation', true));
CREATE POLICY own_note ON concern_note TO {{service}}_web
    USING (organisation = current_setting('overstap.organisation', true)
        AND current_setting('overstap.role', true)
            IN ('mentor', 'decaan', 'care_coordinator', 'slber', 'intaker', 'intake_coordinator'))
    WITH CHECK (organisation = current_setting('overstap.organisation', true)
        AND EXISTS (SELECT FROM concern c WHERE c.concern_id = concern_note.concern_id));  -- as far as it sees that one
CREATE POLICY signed_in ON follow_limit FOR SELECT TO {{service}}_web
    USING (current_setting('overstap.organisation', true) <> '');

GRANT SELECT, INSERT ON concern, concern_note TO {{service}}_web;
GRANT UPDATE (status, resolved_at, resolution, version, changed_at, changed_by) ON concern TO {{service}}_web;
GRANT SELECT ON follow_limit TO {{service}}_web;

CREATE FUNCTION link_concerns(kept text, gone text) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$
    UPDATE concern SET pupil_ref = kept WHERE pupil_ref = gone;
$$;
CREATE FUNCTION erase_concerns(refs text[]) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$
    DELETE FROM concern WHERE pupil_ref = ANY(refs);
$$;
REVOKE ALL ON FUNCTION followed_end, hears_of, school_follows, names_known, link_concerns, erase_concerns FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hears_of, school_follows, names_known, link_concerns, erase_concerns
    TO {{service}}_web, {{service}}_worker;
