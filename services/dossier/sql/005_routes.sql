-- The end of the school year: other routes than the mbo, and results of the final exam. Of the school alone.

CREATE TABLE route (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    route text NOT NULL,
    since date NOT NULL,
    until date,
    status text NOT NULL CHECK (status IN ('registered', 'confirmed', 'withdrawn')),
    evidence text,
    note_ref text,
    note text,                               -- stays here; the event carries the reference alone
    version int NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (pupil_ref, cohort, vo_site),
    CHECK (status <> 'confirmed' OR evidence IS NOT NULL)
);

CREATE TABLE exam (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    result text NOT NULL CHECK (result IN ('passed', 'failed', 'resit', 'retracted')),
    track text,
    sitting smallint NOT NULL,
    decided_on date NOT NULL,
    version int NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (pupil_ref, cohort, vo_site),
    CHECK ((result = 'passed') = (track IS NOT NULL))
);

ALTER TABLE route ENABLE ROW LEVEL SECURITY;
ALTER TABLE exam ENABLE ROW LEVEL SECURITY;
DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['route', 'exam'] LOOP
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
        EXECUTE format($p$CREATE POLICY own_site ON %I TO {{service}}_web
            USING (vo_site = current_setting('overstap.organisation', true))
            WITH CHECK (vo_site = current_setting('overstap.organisation', true) AND EXISTS (
                SELECT FROM pupil p WHERE p.pupil_ref = %1$I.pupil_ref AND p.cohort = %1$I.cohort
                  AND p.vo_site = %1$I.vo_site))$p$, t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON route, exam TO {{service}}_web;

-- Of two rows of one site the one that changed last stays.
CREATE FUNCTION link_year_end(kept text, gone text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = {{service}} AS $$
DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['route', 'exam'] LOOP
        EXECUTE format('DELETE FROM %1$I k USING %1$I g WHERE k.pupil_ref = $1 AND g.pupil_ref = $2
            AND (k.cohort, k.vo_site) = (g.cohort, g.vo_site) AND g.changed_at > k.changed_at', t) USING kept, gone;
        EXECUTE format('DELETE FROM %1$I g USING %1$I k WHERE k.pupil_ref = $1 AND g.pupil_ref = $2
            AND (k.cohort, k.vo_site) = (g.cohort, g.vo_site)', t) USING kept, gone;
        EXECUTE format('UPDATE %I SET pupil_ref = $1 WHERE pupil_ref = $2', t) USING kept, gone;
    END LOOP;
END $$;
CREATE FUNCTION erase_year_end(refs text[]) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$
    DELETE FROM route WHERE pupil_ref = ANY(refs);
    DELETE FROM exam WHERE pupil_ref = ANY(refs);
$$;
REVOKE ALL ON FUNCTION link_year_end, erase_year_end FROM PUBLIC;
GRANT EXECUTE ON FUNCTION link_year_end, erase_year_end TO {{service}}_web, {{service}}_worker;
