-- From invitation to the end of an enrolment. A step is what was told; each entity is what its steps make of it.

CREATE TABLE step (
    application_id text NOT NULL REFERENCES application ON DELETE CASCADE,
    entity text NOT NULL CHECK (entity IN ('intake', 'enrolment', 'switch', 'absence')),
    key text NOT NULL,                       -- of a switch or a report of absence; else empty
    n integer NOT NULL,
    mbo_institution text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,                 -- since when it counts
    arrived timestamptz NOT NULL,            -- when it was told here
    channel text NOT NULL,
    role text NOT NULL,                      -- of who told it
    says jsonb NOT NULL,
    PRIMARY KEY (application_id, entity, key, n)
);

-- The intake of an application as it now is. None: it is expected, and nothing was told of it.
ALTER TABLE intake
    ALTER held_on DROP NOT NULL,
    ALTER outcome DROP NOT NULL,
    ADD state text NOT NULL DEFAULT 'done'
        CHECK (state IN ('expected', 'invited', 'planned', 'missed', 'done')),
    ADD invited_at timestamptz,
    ADD answer_by date,
    ADD planned_at timestamptz,
    ADD form text CHECK (form IN ('on_site', 'online', 'phone')),
    ADD missed smallint NOT NULL DEFAULT 0,
    ADD missed_at timestamptz,
    ADD missed_reason text,
    ADD advised_programme text,
    ADD mandatory boolean NOT NULL DEFAULT false,
    ADD version integer NOT NULL DEFAULT 1,
    ADD changed_by text NOT NULL DEFAULT '',  -- role
    ADD CONSTRAINT done_has_an_outcome CHECK ((state = 'done') = (outcome IS NOT NULL AND held_on IS NOT NULL)),
    ADD CONSTRAINT planned_has_a_time CHECK (state <> 'planned' OR (planned_at IS NOT NULL AND form IS NOT NULL)),
    ADD CONSTRAINT missed_has_a_reason CHECK (state <> 'missed' OR missed_reason IS NOT NULL);
ALTER TABLE intake ALTER state DROP DEFAULT, ALTER version DROP DEFAULT, ALTER changed_by DROP DEFAULT;
ALTER TABLE intake RENAME recorded_at TO changed_at;

-- Results that were recorded before there were steps. What now stands was told last; the others count by their day.
INSERT INTO step (application_id, entity, key, n, mbo_institution, kind, at, arrived, channel, role, says)
SELECT r.application_id, 'intake', '', row_number() OVER (PARTITION BY r.application_id ORDER BY r.n),
    r.mbo_institution, 'result',
    (CASE WHEN (r.held_on, r.outcome, r.reason) IS NOT DISTINCT FROM (i.held_on, i.outcome, i.reason)
        THEN max(r.held_on) OVER (PARTITION BY r.application_id) + 2 ELSE r.held_on + 1 END)::timestamp
        AT TIME ZONE 'Europe/Amsterdam',
    r.recorded_at, 'csv', '',
    jsonb_strip_nulls(jsonb_build_object('held_on', r.held_on, 'outcome', r.outcome, 'reason', r.reason))
FROM intake_result r JOIN intake i ON i.application_id = r.application_id;
DROP TABLE intake_result;

-- Where an intake is a condition for admission: of one programme, or of all of an institution (programme '').
CREATE TABLE intake_duty (
    mbo_institution text NOT NULL,
    programme text NOT NULL,
    valid_from date NOT NULL,
    mandatory boolean NOT NULL,
    source text NOT NULL,                    -- where the institution laid it down
    PRIMARY KEY (mbo_institution, programme, valid_from)
);

-- What became of an application that was enrolled, as it now is.
CREATE TABLE enrolment (
    application_id text PRIMARY KEY REFERENCES application ON DELETE CASCADE,
    mbo_institution text NOT NULL,
    state text NOT NULL CHECK (state IN ('enrolled', 'started', 'not_started', 'ended')),
    first_day date,
    checked_on date,
    reason text,                             -- of not starting
    contact_attempts smallint,
    ended_on date,
    end_reason smallint CHECK (end_reason BETWEEN 1 AND 7),
    destination text,
    to_institution text,
    diploma boolean,
    basic_qualification boolean,
    version integer NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    CHECK (state <> 'started' OR first_day IS NOT NULL),
    CHECK (state <> 'not_started' OR (first_day IS NOT NULL AND checked_on IS NOT NULL)),
    CHECK ((state = 'ended') = (ended_on IS NOT NULL AND end_reason IS NOT NULL AND destination IS NOT NULL))
);

-- A change of programme as it now is.
CREATE TABLE switch (
    switch_id text PRIMARY KEY,
    application_id text NOT NULL REFERENCES application ON DELETE CASCADE,
    mbo_institution text NOT NULL,
    status text NOT NULL CHECK (status IN ('registered', 'started', 'cancelled')),
    to_institution text,
    to_programme text,
    to_level smallint,
    to_application_id text,
    switched_on date NOT NULL,
    version integer NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL
);
CREATE INDEX switch_by_application ON switch (application_id);

-- A statutory report of absence as it now is, by its official number.
CREATE TABLE absence (
    mbo_institution text NOT NULL,
    report_number text NOT NULL,
    application_id text NOT NULL REFERENCES application ON DELETE CASCADE,
    kind text NOT NULL,
    status text NOT NULL CHECK (status IN ('registered', 'in_progress', 'noted', 'closed', 'withdrawn')),
    reported_on date NOT NULL,
    absent_from date,
    absent_until date,
    action_wanted boolean NOT NULL,
    closed_on date,
    closed_reason text,
    version integer NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (mbo_institution, report_number)
);
CREATE INDEX absence_by_application ON absence (application_id);

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['step', 'intake_duty', 'enrolment', 'switch', 'absence'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
        EXECUTE format('CREATE POLICY own ON %I TO {{service}}_web
            USING (mbo_institution = current_setting(''overstap.organisation'', true))', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT ON step TO {{service}}_web;
GRANT SELECT, INSERT, UPDATE ON intake_duty, enrolment, switch, absence TO {{service}}_web;
