-- Warm handover: talks between a school and an institution about a pupil, and what each side noted of them.

CREATE TABLE talk (
    talk_id text PRIMARY KEY,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    mbo_institution text NOT NULL,
    handover_id text,                        -- the offer it came with; NULL: asked for by itself
    status text NOT NULL CHECK (status IN ('requested', 'planned', 'held', 'missed')),
    requested_by text NOT NULL CHECK (requested_by IN ('vo', 'mbo')),
    requested_at timestamptz NOT NULL,
    hold_by date NOT NULL,
    form text CHECK (form IN ('phone', 'on_site', 'three_way', 'speed_date')),
    roles text[] NOT NULL,
    vo_person text,
    mbo_person text,
    planned_at timestamptz,
    held_at timestamptz,
    missed smallint NOT NULL,
    missed_reason text,
    informed boolean NOT NULL,
    follow_ups jsonb NOT NULL,
    note_ref text,
    version int NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL
);
CREATE INDEX talk_pupil ON talk (pupil_ref, cohort);
CREATE INDEX talk_site ON talk (vo_site, status);
CREATE INDEX talk_institution ON talk (mbo_institution, status);

-- What one side wrote about a talk. The other side never reads it, and it is on no event.
CREATE TABLE talk_note (
    note_ref text PRIMARY KEY,
    talk_id text NOT NULL REFERENCES talk ON DELETE CASCADE,
    organisation text NOT NULL,
    at timestamptz NOT NULL,
    role text NOT NULL,
    person_ref text,
    text text NOT NULL
);
CREATE INDEX talk_note_talk ON talk_note (talk_id, at);

ALTER TABLE talk ENABLE ROW LEVEL SECURITY;
ALTER TABLE talk_note ENABLE ROW LEVEL SECURITY;
DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['talk', 'talk_note'] LOOP
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
    END LOOP;
END $$;

-- Whether an institution knows a pupil: by a live application, or by a dossier that was offered to it. For the
-- institution itself, and for a school that lists the pupil.
CREATE FUNCTION known_at(pupil text, year int, institution text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT (institution = current_setting('overstap.organisation', true) OR EXISTS (
        SELECT FROM pupil p WHERE p.pupil_ref = pupil AND p.cohort = year
          AND p.vo_site = current_setting('overstap.organisation', true)))
    AND (EXISTS (
        SELECT FROM handover h WHERE h.pupil_ref = pupil AND h.cohort = year AND h.mbo_institution = institution
          AND h.status IN ('offered', 'opened', 'accepted'))
      OR EXISTS (
        SELECT FROM told a
        WHERE a.entity = 'application' AND a.cohort = year AND a.state->>'mbo_institution' = institution
          AND a.state->>'status' NOT IN ('rejected', 'withdrawn')
          AND a.subject IN (SELECT pupil UNION ALL SELECT absorbed FROM alias WHERE survivor = pupil)))
$$;

-- The school of a pupil that an institution knows; of several the one whose newest list has the pupil.
CREATE FUNCTION school_of(pupil text, year int) RETURNS text LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT p.vo_site FROM pupil p
    WHERE p.pupil_ref = pupil AND p.cohort = year AND known_at(pupil, year, current_setting('overstap.organisation', true))
    ORDER BY p.listed DESC, p.vo_site LIMIT 1
$$;

-- The names of the pupils of these talks, for the school, and for the institution as long as it knows the pupil.
CREATE FUNCTION names_in_talks(ids text[]) RETURNS TABLE (talk_id text, name text) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT t.talk_id, concat_ws(' ', nullif(p.first_name, ''), nullif(p.prefix, ''), nullif(p.last_name, ''))
    FROM talk t JOIN pupil p USING (pupil_ref, cohort, vo_site)
    WHERE t.talk_id = ANY(ids) AND (t.vo_site = current_setting('overstap.organisation', true)
        OR (t.mbo_institution = current_setting('overstap.organisation', true)
            AND known_at(t.pupil_ref, t.cohort, t.mbo_institution)))
$$;

CREATE POLICY own_side ON talk FOR SELECT TO {{service}}_web
    USING (current_setting('overstap.organisation', true) IN (vo_site, mbo_institution));
CREATE POLICY own_move ON talk FOR UPDATE TO {{service}}_web
    USING (current_setting('overstap.organisation', true) IN (vo_site, mbo_institution));
CREATE POLICY own_request ON talk FOR INSERT TO {{service}}_web
    WITH CHECK (known_at(pupil_ref, cohort, mbo_institution)
                AND current_setting('overstap.organisation', true) IN (vo_site, mbo_institution));
CREATE POLICY own_note ON talk_note TO {{service}}_web
    USING (organisation = current_setting('overstap.organisation', true))
    WITH CHECK (organisation = current_setting('overstap.organisation', true)
                AND EXISTS (SELECT FROM talk t WHERE t.talk_id = talk_note.talk_id));  -- as far as it sees that talk

GRANT SELECT, INSERT ON talk, talk_note TO {{service}}_web;
GRANT UPDATE (status, form, roles, vo_person, mbo_person, planned_at, held_at, missed, missed_reason, informed,
    follow_ups, note_ref, version, changed_at, changed_by) ON talk TO {{service}}_web;

CREATE FUNCTION link_talks(kept text, gone text) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$
    UPDATE talk SET pupil_ref = kept WHERE pupil_ref = gone;
$$;
CREATE FUNCTION erase_talks(refs text[]) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$
    DELETE FROM talk WHERE pupil_ref = ANY(refs);
$$;
REVOKE ALL ON FUNCTION known_at, school_of, names_in_talks, link_talks, erase_talks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION known_at, school_of, names_in_talks, link_talks, erase_talks
    TO {{service}}_web, {{service}}_worker;
