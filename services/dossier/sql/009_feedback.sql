-- Feedback to the school (docs/decisions/0030): one instant until which it hears of a pupil from others, in everything that
-- they tell; and the figures that it gets after it.

-- Versions of regional agreements with the last day (MM-DD of the cohort year) on which their schools hear of single pupils.
CREATE TABLE agreement (version text PRIMARY KEY, feedback_until text NOT NULL CHECK (feedback_until ~ '^\d\d-\d\d$'));

ALTER TABLE organisation ADD COLUMN region text;  -- NULL: not told, or before it was kept

-- The instant from which a school hears no more of this one pupil: the day of the agreement that the transition is on (of
-- one that says none: the day of the cohort), or the first start when that is later. A start that turned out not to be one
-- counts for nothing; one that ended, or that others follow, does.
CREATE OR REPLACE FUNCTION followed_end(ref text, year int) RETURNS timestamptz LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
DECLARE
    root text := coalesce((SELECT survivor FROM alias WHERE absorbed = ref), ref);
    family text[] := ARRAY(SELECT root UNION ALL SELECT absorbed FROM alias WHERE survivor = root);
    agreed text := (
        SELECT a.feedback_until FROM told t LEFT JOIN agreement a ON a.version = t.state->>'agreement_version'
        WHERE t.entity = 'transition' AND t.subject = ANY(family) AND t.key = year::text
        ORDER BY t.subject <> root, t.subject LIMIT 1);
    started date := (
        SELECT min(greatest((s.detail->>'first_day')::date, (s.at AT TIME ZONE 'Europe/Amsterdam')::date)) FROM step s
        WHERE s.subject = ANY(family) AND s.cohort = year AND s.entity = 'enrolment' AND s.type = 'student-started'
          AND NOT EXISTS (SELECT FROM told t
            WHERE (t.entity, t.subject, t.key) = (s.entity, s.subject, s.key) AND t.type = 'student-not-started'));
BEGIN
    RETURN (SELECT greatest(
            coalesce(((year || '-' || agreed)::date + 1)::timestamp AT TIME ZONE 'Europe/Amsterdam', ends),
            (started + 1)::timestamp AT TIME ZONE 'Europe/Amsterdam')
        FROM follow_limit WHERE cohort = year);
END $$;

-- The same for who asks: a school about its own pupil, the worker about anybody; a pupil is told everything.
CREATE FUNCTION hears_until(ref text, year int) RETURNS timestamptz LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
BEGIN
    IF current_setting('overstap.pupil', true) <> '' THEN
        RETURN 'infinity';
    ELSIF current_setting('role') = '{{service}}_worker' OR own_pupil(ref, year) THEN
        RETURN followed_end(ref, year);
    END IF;
    RETURN NULL;
END $$;

-- Whether a school may read what was told of its own pupil about this moment. Before the school year begins no end can have
-- come, so that most rows are answered without looking for it.
CREATE FUNCTION told_in_time(ref text, year int, moment timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
BEGIN
    IF NOT own_pupil(ref, year) THEN
        RETURN false;
    END IF;
    RETURN moment < make_timestamptz(year, 8, 1, 0, 0, 0, 'Europe/Amsterdam')
        OR coalesce(moment < followed_end(ref, year), false);
END $$;
ALTER POLICY own_pupil ON told USING (
    (entity <> 'alert' OR state->>'organisation' = current_setting('overstap.organisation', true))
    AND told_in_time(subject, cohort, (state->>'occurred_at')::timestamptz));
ALTER POLICY own_pupil ON step USING (told_in_time(subject, cohort, at));

-- Whether anything was told about an application of this pupil that may have come too late for who asks: only then the steps
-- before it need to be read.
CREATE FUNCTION told_late(ref text) RETURNS boolean LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
BEGIN
    RETURN EXISTS (SELECT FROM told t WHERE t.subject = ref AND t.entity IN ('application', 'intake')
        AND (t.state->>'occurred_at')::timestamptz >= make_timestamptz(t.cohort, 8, 1, 0, 0, 0, 'Europe/Amsterdam')
        AND (current_setting('role') = '{{service}}_worker' OR own_pupil(ref, t.cohort)));
END $$;

-- Whether an institution knows a pupil: by a live application, or by a dossier that was offered to it. For the institution
-- itself as it is now; for a school that lists the pupil, of an application what it heard in time.
CREATE OR REPLACE FUNCTION known_at(pupil text, year int, institution text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT (institution = current_setting('overstap.organisation', true) OR own_pupil(pupil, year))
    AND (EXISTS (
        SELECT FROM handover h WHERE h.pupil_ref = pupil AND h.cohort = year AND h.mbo_institution = institution
          AND h.status IN ('offered', 'opened', 'accepted'))
      OR EXISTS (
        SELECT FROM told a
        WHERE a.entity = 'application' AND a.cohort = year AND a.state->>'mbo_institution' = institution
          AND a.subject IN (SELECT pupil UNION ALL SELECT absorbed FROM alias WHERE survivor = pupil)
          AND CASE WHEN institution = current_setting('overstap.organisation', true)
                OR (a.state->>'occurred_at')::timestamptz < followed_end(pupil, year) THEN a.state->>'status'
            ELSE (SELECT s.detail->>'status' FROM step s
                WHERE (s.entity, s.subject, s.key) = (a.entity, a.subject, a.key) AND s.at < followed_end(pupil, year)
                ORDER BY s.sequence DESC LIMIT 1) END NOT IN ('rejected', 'withdrawn')))
$$;

-- Figures of the schools of a region about a cohort, as they were known on a day: made once, and never changed.
CREATE TABLE feedback (
    feedback_id text PRIMARY KEY,
    region text NOT NULL,                    -- of a school whose region nobody told: its own code
    cohort smallint NOT NULL,
    reference_date date NOT NULL,
    taken_at timestamptz NOT NULL,
    UNIQUE (region, cohort, reference_date)
);
CREATE TABLE feedback_cell (
    feedback_id text NOT NULL REFERENCES feedback ON DELETE CASCADE,
    figure text NOT NULL,
    vo_site text NOT NULL,                   -- or `all`: the region
    value text NOT NULL CHECK (value ~ '^(c|0|[6-9]|[1-9][0-9]+)$'),
    PRIMARY KEY (feedback_id, figure, vo_site)
);
ALTER TABLE agreement ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback_cell ENABLE ROW LEVEL SECURITY;
DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['agreement', 'feedback', 'feedback_cell'] LOOP
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
    END LOOP;
END $$;
-- A school reads its own column and that of the region; who coordinates the region, or is its LOB contact, reads all.
CREATE POLICY own_region ON feedback FOR SELECT TO {{service}}_web USING (
    current_setting('overstap.organisation', true) IN (region, 'lob-' || region)
    OR EXISTS (SELECT FROM organisation o
        WHERE o.code = current_setting('overstap.organisation', true) AND o.region = feedback.region));
CREATE POLICY own_region ON feedback_cell FOR SELECT TO {{service}}_web USING (
    vo_site = current_setting('overstap.organisation', true)
    OR EXISTS (SELECT FROM feedback f WHERE f.feedback_id = feedback_cell.feedback_id
        AND (vo_site = 'all' OR current_setting('overstap.organisation', true) IN (f.region, 'lob-' || f.region))));
GRANT SELECT ON feedback, feedback_cell TO {{service}}_web;
REVOKE UPDATE, DELETE ON feedback, feedback_cell FROM {{service}}_worker;

REVOKE ALL ON FUNCTION hears_until, told_in_time, told_late FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hears_until, told_in_time, told_late TO {{service}}_web, {{service}}_worker;

-- The days to come on which figures are made, of the cohorts that are known already; of a new one they come with its first
-- fact. Days that were past when this database was brought up to date have none: then no region is known of a school.
INSERT INTO timer (kind, subject, key, due_at, date_rule)
    SELECT 'feedback-figures', cohort::text, to_char(day, 'YYYY-MM-DD'), day AT TIME ZONE 'Europe/Amsterdam', true
    FROM follow_limit, LATERAL (VALUES (make_timestamp(cohort, 11, 1, 0, 0, 0)), (make_timestamp(cohort + 1, 2, 1, 0, 0, 0)),
        (make_timestamp(cohort + 1, 8, 1, 0, 0, 0))) AS made (day)
    WHERE day AT TIME ZONE 'Europe/Amsterdam' > (SELECT coalesce(max(recorded_at), '-infinity') FROM event_log);
