-- The transport of one service: what it publishes (stream, event_log, outbox), what it took in (inbox, heard, tally,
-- quarantine) and what it must do later (timer). Runs in the schema of each service.

-- How many events this service has published about a subject. Locked first, in subject order, in every transaction.
CREATE TABLE stream (
    subject text PRIMARY KEY,
    last_sequence bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

-- The history: every event this service published, payload once. Dropped by partition on 1 August of cohort + 2.
CREATE TABLE event_log (
    subject text NOT NULL,
    sequence bigint NOT NULL,
    cohort smallint NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    topic text NOT NULL,
    recorded_at timestamptz NOT NULL,
    payload text NOT NULL,                   -- as sent: JSON, or JWE on a topic with person data
    PRIMARY KEY (subject, sequence, cohort)
) PARTITION BY LIST (cohort);
CREATE TABLE event_log_other PARTITION OF event_log DEFAULT;
CREATE TABLE event_log_0 PARTITION OF event_log FOR VALUES IN (0);
DO $$ BEGIN FOR c IN 2024..2033 LOOP
    EXECUTE format('CREATE TABLE event_log_%s PARTITION OF event_log FOR VALUES IN (%s)', c, c);
END LOOP; END $$;

-- Pointers to what must still be sent, in the order in which it was decided.
CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    cohort smallint NOT NULL,
    put_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

-- Events already handled; a second arrival changes nothing. UUIDv7, so ranges are periods.
CREATE TABLE inbox (event_id uuid PRIMARY KEY) PARTITION BY RANGE (event_id);
CREATE TABLE inbox_other PARTITION OF inbox DEFAULT;
DO $$ DECLARE lo text; hi text; BEGIN FOR y IN 2026..2033 LOOP
    lo := lpad(to_hex((extract(epoch FROM make_timestamptz(y, 1, 1, 0, 0, 0, 'UTC')) * 1000)::bigint), 12, '0');
    hi := lpad(to_hex((extract(epoch FROM make_timestamptz(y + 1, 1, 1, 0, 0, 0, 'UTC')) * 1000)::bigint), 12, '0');
    EXECUTE format('CREATE TABLE inbox_%s PARTITION OF inbox FOR VALUES FROM (%L) TO (%L)', y,
        rpad(lo, 32, '0')::uuid, rpad(hi, 32, '0')::uuid);
END LOOP; END $$;

-- Per stream heard: everything up to `contiguous` has arrived; `ahead` arrived before its turn; `head` is what the
-- publisher says it has reached.
CREATE TABLE heard (
    source text NOT NULL,
    subject text NOT NULL,
    contiguous bigint NOT NULL DEFAULT 0,
    ahead bigint[] NOT NULL DEFAULT '{}',
    head bigint NOT NULL DEFAULT 0,
    gap_since timestamptz,                   -- wall clock: since when something is missing
    PRIMARY KEY (source, subject)
) WITH (fillfactor = 70);
CREATE INDEX heard_gap ON heard (gap_since) WHERE gap_since IS NOT NULL;

-- Accounting per topic or kind of file: received = applied + unchanged + skipped + quarantined, always.
CREATE TABLE tally (
    entrance text PRIMARY KEY,
    received bigint NOT NULL DEFAULT 0,
    applied bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    skipped bigint NOT NULL DEFAULT 0,
    quarantined bigint NOT NULL DEFAULT 0,
    CHECK (received = applied + unchanged + skipped + quarantined)
);

-- What could not be applied and waits for a person: a record of a topic, or a row of a file.
CREATE TABLE quarantine (
    id uuid PRIMARY KEY,                     -- made from where and what, so the same arrival is kept once
    entrance text NOT NULL,
    place text NOT NULL,                     -- partition and offset, or line of the file
    organisation text,                       -- whose file it was; NULL: a record of a topic
    subject text,
    reason text NOT NULL,
    faults jsonb NOT NULL DEFAULT '[]',
    headers jsonb NOT NULL DEFAULT '[]',
    payload bytea,                           -- as it was sent, sealed
    received_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replayed', 'discarded')),
    closed_reason text
);
CREATE INDEX quarantine_subject ON quarantine (subject) WHERE state = 'open';

-- A consumer that was stopped because too much was rejected; an operator lets it go again.
CREATE TABLE brake (topic text PRIMARY KEY, since timestamptz NOT NULL, reason text NOT NULL);

-- What must happen later, written in the transaction of the state that asks for it. Business time.
CREATE TABLE timer (
    kind text NOT NULL,
    subject text NOT NULL,
    key text NOT NULL,
    due_at timestamptz NOT NULL,
    date_rule boolean NOT NULL DEFAULT false, -- waits until all input up to its instant was consumed
    PRIMARY KEY (kind, subject, key)
);
CREATE INDEX timer_due ON timer (due_at);

-- How far each partition was read, and until which business time all of it was consumed.
CREATE TABLE progress (
    topic text NOT NULL,
    partition int NOT NULL,
    caught_up_at timestamptz NOT NULL,
    PRIMARY KEY (topic, partition)
);

-- A file between its check and its confirmation; one per person, forgotten after an hour.
CREATE TABLE upload (
    organisation text NOT NULL,
    person_ref text NOT NULL,
    upload_id uuid NOT NULL,
    kind text NOT NULL,
    content bytea NOT NULL,                  -- sealed
    PRIMARY KEY (organisation, person_ref)
);

DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY ARRAY['quarantine', 'upload'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_file ON %I TO {{service}}_web
        USING (organisation = current_setting(''overstap.organisation'', true))', t);
    EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
    EXECUTE format('CREATE POLICY operator ON %I TO overstap_reader USING (true)', t);
END LOOP; END $$;

-- A web process publishes and reads the state; it never reads the history or what others sent.
GRANT SELECT, INSERT, UPDATE ON stream, tally TO {{service}}_web;
GRANT INSERT ON event_log TO {{service}}_web;
GRANT SELECT, INSERT ON outbox TO {{service}}_web;
GRANT SELECT, INSERT, UPDATE ON quarantine TO {{service}}_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON upload TO {{service}}_web;

-- Erasure of one pupil is the only way in which a web process removes history: by this function, never by itself.
CREATE FUNCTION erase_subject(erased text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {{service}} AS $$
    DELETE FROM outbox WHERE subject = erased;
    DELETE FROM event_log WHERE subject = erased;
    DELETE FROM timer WHERE subject = erased;
    DELETE FROM quarantine WHERE subject = erased;
$$;
REVOKE ALL ON FUNCTION erase_subject FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_subject TO {{service}}_web, {{service}}_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON timer TO {{service}}_web;
