-- What signals knows of pupils (no name, number, birth date or note), and the figures it published. The web side reads
-- the published figures only.

-- The newest state of each entity, under the reference it was told under: links decide who is who when counting.
CREATE TABLE fact (
    subject text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('residence', 'expected', 'choice', 'application', 'intake', 'handover', 'risk',
        'transition', 'alert')),
    entity text NOT NULL,
    sequence bigint NOT NULL,
    cohort smallint NOT NULL,                -- 0: holds for every cohort
    detail text,                             -- municipality, track, status, outcome or rule
    first_on date NOT NULL,                  -- since when it is so
    reached_on date,                         -- since when it has come as far as it should: placed, accepted, answered
    ended_on date,                           -- since when it is over
    PRIMARY KEY (subject, kind, entity)
) WITH (fillfactor = 80);
CREATE INDEX fact_cohort ON fact (cohort, kind);

-- Two references are one child, as it was told.
CREATE TABLE link (survivor text, absorbed text, PRIMARY KEY (survivor, absorbed));

-- Erased pupils: what still comes of them is not kept.
CREATE TABLE erased (pupil_ref text PRIMARY KEY);

-- The figures of one region on one day, published once and never changed.
CREATE TABLE snapshot (
    snapshot_id text PRIMARY KEY,
    cohort smallint NOT NULL,
    reference_date date NOT NULL,
    region text NOT NULL,
    taken_at timestamptz NOT NULL,
    UNIQUE (cohort, reference_date, region)
);
CREATE TABLE cell (
    snapshot_id text NOT NULL REFERENCES snapshot,
    figure text NOT NULL,
    track_group text NOT NULL,
    value text NOT NULL CHECK (value ~ '^([cxz0]|[6-9]|[1-9][0-9]+)$'),
    percentage text NOT NULL CHECK (percentage ~ '^([cxz0]|<5|>95|[5-9]|[1-9][0-9])$'),
    PRIMARY KEY (snapshot_id, figure, track_group),
    CHECK (value <> 'c' OR percentage = 'c' OR figure = 'expected')
);

ALTER TABLE fact ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON fact TO {{service}}_worker USING (true) WITH CHECK (true);
CREATE POLICY operator ON fact FOR SELECT TO overstap_reader USING (true);
ALTER TABLE link ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON link TO {{service}}_worker USING (true) WITH CHECK (true);
CREATE POLICY operator ON link FOR SELECT TO overstap_reader USING (true);
ALTER TABLE erased ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON erased TO {{service}}_worker USING (true) WITH CHECK (true);
CREATE POLICY operator ON erased FOR SELECT TO overstap_reader USING (true);

GRANT SELECT ON snapshot, cell TO {{service}}_web;
REVOKE UPDATE, DELETE ON snapshot, cell FROM {{service}}_worker;
