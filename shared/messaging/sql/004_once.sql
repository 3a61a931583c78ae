-- Requests that came with a key of their sender, so that one sent twice is carried out once.
CREATE TABLE once (
    organisation text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,              -- digest of everything that was asked
    at timestamptz NOT NULL,
    status smallint,                         -- of the answer; NULL: not kept (yet)
    body bytea,
    PRIMARY KEY (organisation, key)
);
ALTER TABLE once ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON once TO {{service}}_web USING (organisation = current_setting('overstap.organisation', true));
CREATE POLICY all_rows ON once TO {{service}}_worker USING (true);
CREATE POLICY operator ON once FOR SELECT TO overstap_reader USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON once TO {{service}}_web;
