-- Organisations as partners: when something was last heard of each, and what must be done about one of them.

CREATE TABLE partner (
    organisation text PRIMARY KEY,
    known_at timestamptz NOT NULL,           -- when it first had to do with a pupil, or was first heard
    heard_at timestamptz,                    -- when it last told anything of a pupil, to the hour
    looked_at timestamptz,                   -- up to when time was counted in
    active boolean NOT NULL DEFAULT false,   -- whether it had to do with pupils on their way at that look
    numbered int NOT NULL DEFAULT 0,         -- tasks ever opened
    silent_since timestamptz,                -- silent for longer than was agreed
    silent_allowed int,
    silent_agreement text,
    CHECK ((silent_since IS NULL) = (silent_allowed IS NULL) AND (silent_since IS NULL) = (silent_agreement IS NULL))
) WITH (fillfactor = 70);

-- Something that somebody must do about an organisation, as an action is about a pupil.
CREATE TABLE task (
    task_id text PRIMARY KEY,
    organisation text NOT NULL REFERENCES partner,
    number int NOT NULL,
    kind text NOT NULL,
    about text NOT NULL,                     -- role in which nobody is present; empty: the organisation
    owner_organisation text NOT NULL,
    owner_role text NOT NULL,
    owner_contact text,                      -- NULL: nobody is present
    owner_deputy text,
    due_at timestamptz NOT NULL,
    window_until timestamptz,
    late_at timestamptz GENERATED ALWAYS AS (coalesce(window_until, due_at)) STORED,
    severity smallint NOT NULL,
    evidence jsonb NOT NULL,
    agreement text NOT NULL,
    opened_at timestamptz NOT NULL,
    step smallint NOT NULL,
    escalated_at timestamptz,
    done_at timestamptz,
    open boolean GENERATED ALWAYS AS (done_at IS NULL) STORED,
    UNIQUE (organisation, number)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX task_open ON task (organisation, kind, about) WHERE open;
CREATE INDEX task_owner ON task (owner_organisation, due_at) WHERE open;

-- Who owns a task, whom it is about, and who coordinates that region. A web process reads; what is decided is decided
-- by timers.
ALTER TABLE partner ENABLE ROW LEVEL SECURITY;
ALTER TABLE task ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_or_kept ON partner FOR SELECT TO {{service}}_web USING (
    keeps(organisation) OR organisation = nullif(current_setting('overstap.organisation', true), ''));
CREATE POLICY own_or_kept ON task FOR SELECT TO {{service}}_web USING (
    keeps(organisation)
    OR nullif(current_setting('overstap.organisation', true), '') IN (organisation, owner_organisation));
DO $$ DECLARE name text; BEGIN
    FOREACH name IN ARRAY ARRAY['partner', 'task'] LOOP
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO overstap_reader USING (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO {{service}}_web', name);
    END LOOP;
END $$;

-- Who answers for an open task, for who changes the list of contacts: they see none of it.
CREATE FUNCTION tasks_of(codes text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT organisation FROM partner WHERE organisation = ANY($1)
    UNION SELECT organisation FROM task WHERE open AND owner_organisation = ANY($1)
$$;

-- In the region of the coordinator that asks: which organisations are silent, and how many open transitions nobody can
-- say anything of because of it. The institution that has come furthest knows, until there is one the school.
CREATE FUNCTION region_silences() RETURNS TABLE (organisation text, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT p.organisation, count(*)
    FROM transition t JOIN partner p ON p.organisation = coalesce(t.live[1], t.origin)
    WHERE t.open AND p.silent_since IS NOT NULL AND current_setting('overstap.role', true) = 'region_coordinator'
      AND t.region = nullif(current_setting('overstap.organisation', true), '')
    GROUP BY p.organisation
$$;
REVOKE ALL ON FUNCTION tasks_of, region_silences FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tasks_of, region_silences TO {{service}}_web, {{service}}_worker, overstap_reader;

-- Who is on the way already: looked at when the worker starts, as at the newest moment that anything was recorded.
WITH seen AS (SELECT max(recorded_at) AS at FROM event_log), codes AS (
    SELECT DISTINCT unnest(ARRAY[t.origin, t.residence, t.region, c.organisation] || t.live) AS code
    FROM transition t JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n) WHERE t.open
), partners AS (
    INSERT INTO partner (organisation, known_at) SELECT code, at FROM codes, seen WHERE code IS NOT NULL AND at IS NOT NULL
    RETURNING organisation, known_at
)
INSERT INTO timer (kind, subject, key, due_at) SELECT 'organisation-now', organisation, '', known_at FROM partners;
