-- What notifications knows: what others told, the alerts that followed, and what became of each mail.

-- Who can be reached where; the newest list of each organisation, whole.
CREATE TABLE organisation (
    code text PRIMARY KEY,
    sequence bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    region text
);
CREATE TABLE contact (
    organisation text NOT NULL REFERENCES organisation ON DELETE CASCADE,
    person_ref text NOT NULL,
    role text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    deputy_ref text,
    valid_from date NOT NULL,
    valid_until date
);
CREATE INDEX contact_person ON contact (organisation, person_ref);

-- Two references are one child: every link as it was told, and what follows from all of them together.
CREATE TABLE link (absorbed text, survivor text, PRIMARY KEY (absorbed, survivor));
CREATE INDEX link_survivor ON link (survivor);
CREATE TABLE alias (absorbed text PRIMARY KEY, survivor text NOT NULL CHECK (survivor <> absorbed));
CREATE INDEX alias_survivor ON alias (survivor);
CREATE TABLE erased (pupil_ref text PRIMARY KEY);

-- The newest state of each entity, under the reference it was told under. Names of guardians are not kept.
CREATE TABLE told (
    subject text NOT NULL,
    source text NOT NULL,
    entity text NOT NULL,
    sequence bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (subject, source, entity)
) WITH (fillfactor = 80);

-- What the pages show of a pupil; made anew from `told` whenever that changes.
CREATE TABLE pupil (
    pupil_ref text PRIMARY KEY,
    first_name text,
    prefix text,
    last_name text,
    birth_date date,
    municipality text,
    origin text,
    track text,
    destination text,
    programme text,
    level smallint,
    holder_organisation text,
    holder_role text
) WITH (fillfactor = 80);

CREATE TABLE alert (
    alert_id text PRIMARY KEY,
    pupil_ref text NOT NULL,
    cause text NOT NULL,                     -- the risk or action that asked for it
    told_as text NOT NULL,                   -- the reference under which that was told
    cohort smallint NOT NULL,
    rule text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('notice', 'warning', 'risk')),
    evidence jsonb NOT NULL,                 -- as it was when the alert was raised, and so the route
    route jsonb NOT NULL,
    agreement_version text,
    known_until timestamptz,
    organisation text NOT NULL CHECK (organisation <> ''),
    role text NOT NULL,
    person_ref text,
    deputy_ref text,
    raised_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('raised', 'delivered', 'acknowledged', 'resolved')),
    step smallint NOT NULL CHECK (step >= 1),
    channel text NOT NULL CHECK (channel IN ('inbox', 'mail')),
    delivered_at timestamptz,
    acknowledged_at timestamptz,
    resolved_at timestamptz,
    verdict text CHECK (verdict IN ('useful', 'too_late', 'unnecessary', 'cleared')),
    verdict_reason text,
    due_at timestamptz,
    CHECK ((status = 'resolved') = (resolved_at IS NOT NULL AND verdict IS NOT NULL)),
    CHECK (status <> 'acknowledged' OR acknowledged_at IS NOT NULL),
    CHECK (status <> 'delivered' OR delivered_at IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX alert_pupil ON alert (pupil_ref, organisation);
CREATE INDEX alert_open ON alert (organisation, raised_at) WHERE status <> 'resolved';
CREATE INDEX alert_done ON alert (organisation, resolved_at) WHERE status = 'resolved';
CREATE UNIQUE INDEX alert_one_open ON alert (cause, organisation, role) WHERE status <> 'resolved';

-- What happened to an alert, in order; nothing is ever changed or removed, except by erasure.
CREATE TABLE trail (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id text NOT NULL REFERENCES alert ON DELETE CASCADE,
    command text NOT NULL,
    step smallint NOT NULL,
    at timestamptz NOT NULL,
    by_organisation text,                    -- NULL: Overstap itself
    by_role text,
    by_person text
);
CREATE INDEX trail_alert ON trail (alert_id);

-- What became of the mail of each alert and step. Holds no address and no data of a pupil: the address is looked up
-- when it is sent.
CREATE TABLE delivery (
    alert_id text NOT NULL REFERENCES alert ON DELETE CASCADE,
    step smallint NOT NULL,
    organisation text NOT NULL,
    recipient_ref text,                      -- NULL: anybody in the alert's role
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sent', 'no_address', 'failed', 'cancelled')),
    failures smallint NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    sent_at timestamptz,
    error text,                              -- a code of the last failure, never an address
    PRIMARY KEY (alert_id, step)
) WITH (fillfactor = 80);
CREATE INDEX delivery_due ON delivery (due_at) WHERE state = 'waiting';
CREATE INDEX delivery_trouble ON delivery (organisation, state) WHERE state IN ('no_address', 'failed');

-- Who sees what. A web process sees the alerts of its actor's organisation and what belongs to them, nothing else.
DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['contact', 'link', 'alias', 'erased', 'told', 'pupil', 'alert', 'trail', 'delivery'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
    END LOOP;
END $$;
CREATE POLICY own ON alert TO {{service}}_web USING (organisation = current_setting('overstap.organisation', true));
CREATE POLICY own ON contact TO {{service}}_web USING (organisation = current_setting('overstap.organisation', true));
CREATE POLICY of_own_alert ON pupil TO {{service}}_web USING (EXISTS (
    SELECT FROM alert
    WHERE alert.pupil_ref = pupil.pupil_ref AND alert.organisation = current_setting('overstap.organisation', true)));
CREATE POLICY of_own_alert ON trail TO {{service}}_web USING (EXISTS (
    SELECT FROM alert
    WHERE alert.alert_id = trail.alert_id AND alert.organisation = current_setting('overstap.organisation', true)));
CREATE POLICY own ON delivery TO {{service}}_web USING (organisation = current_setting('overstap.organisation', true));
CREATE POLICY trouble ON delivery FOR SELECT TO {{service}}_web
    USING (current_setting('overstap.role', true) = 'operator');

GRANT SELECT ON organisation, contact, pupil TO {{service}}_web;
GRANT SELECT, INSERT, UPDATE ON alert, delivery TO {{service}}_web;
GRANT SELECT, INSERT ON trail TO {{service}}_web;
