-- Told by others, for the work list: talks about a pupil, and what must be done before when.

CREATE TABLE talk (
    talk_id text PRIMARY KEY,
    stream text NOT NULL,
    sequence bigint NOT NULL,
    told_at timestamptz NOT NULL,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    mbo_institution text NOT NULL,
    status text NOT NULL,
    hold_by date NOT NULL,
    planned_at timestamptz,
    follow_up date                           -- first day before which the institution has something to do
);
CREATE INDEX talk_by_pupil ON talk (pupil_ref, mbo_institution);
CREATE TABLE action (
    action_id text PRIMARY KEY,
    stream text NOT NULL,
    sequence bigint NOT NULL,
    told_at timestamptz NOT NULL,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    organisation text NOT NULL,
    role text NOT NULL,
    contact text,
    deputy text,
    due_at timestamptz NOT NULL,
    done boolean NOT NULL
);
CREATE INDEX action_by_pupil ON action (pupil_ref, organisation) WHERE NOT done;

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['talk', 'action'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
    END LOOP;
END $$;
CREATE POLICY own ON talk TO {{service}}_web USING (mbo_institution = current_setting('overstap.organisation', true));
CREATE POLICY own ON action TO {{service}}_web USING (organisation = current_setting('overstap.organisation', true));
GRANT SELECT ON talk, action TO {{service}}_web;

-- Who is erased takes these along, whichever way that is done.
CREATE FUNCTION erase_work() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = {{service}} AS $$
BEGIN
    DELETE FROM talk WHERE NEW.pupil_ref IN (pupil_ref, stream);
    DELETE FROM action WHERE NEW.pupil_ref IN (pupil_ref, stream);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION erase_work FROM PUBLIC;
CREATE TRIGGER work_is_erased AFTER INSERT ON erased FOR EACH ROW EXECUTE FUNCTION erase_work();
