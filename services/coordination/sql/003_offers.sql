-- Offers of custody: between organisations a pupil is offered, and passes when it is accepted or on its statutory day.

ALTER TABLE custody ADD COLUMN situation text;   -- what asked for this custodian
ALTER TABLE transition ADD COLUMN follow_at timestamptz;  -- when it must be decided again who should have the pupil

CREATE TABLE offer (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    n smallint NOT NULL CHECK (n >= 1),
    offer_id text NOT NULL UNIQUE,
    organisation text NOT NULL,              -- to whom: target
    role text NOT NULL,
    contact text,
    deputy text,
    holder jsonb NOT NULL,                   -- who had the pupil when it was made
    situation text NOT NULL,
    basis text NOT NULL CHECK (basis IN ('statutory', 'agreed')),
    offered_at timestamptz NOT NULL,
    answer_by timestamptz NOT NULL,
    starts_on date,                          -- null: as soon as it is accepted
    state text NOT NULL CHECK (state IN ('offered', 'accepted', 'in_effect', 'returned', 'settled', 'lapsed')),
    ended_at timestamptz,                    -- answered or lapsed
    reason text,
    note_ref text,
    PRIMARY KEY (pupil_ref, cohort, n),
    CHECK (basis = 'agreed' OR starts_on IS NOT NULL),
    CHECK (state IN ('offered', 'in_effect') OR ended_at IS NOT NULL)
) WITH (fillfactor = 70);
CREATE INDEX offer_target ON offer (organisation, answer_by) WHERE state IN ('offered', 'in_effect');
-- One question at a time.
CREATE UNIQUE INDEX offer_open ON offer (pupil_ref, cohort) WHERE state IN ('offered', 'in_effect', 'returned');

-- Who should have whom is decided for everybody who is on the way already.
UPDATE transition SET follow_at = weighed_at WHERE open;
INSERT INTO timer (kind, subject, key, due_at, date_rule)
SELECT 'custody', pupil_ref, cohort::text, follow_at, true FROM transition WHERE open ON CONFLICT DO NOTHING;

-- Whether a pupil is offered to the organisation that asks: not answered, in effect and not confirmed, or accepted for a
-- day to come.
CREATE FUNCTION is_offered(ref text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT EXISTS (
        SELECT FROM offer o JOIN transition t USING (pupil_ref, cohort)
        WHERE o.pupil_ref = ref AND t.open
          AND o.organisation = nullif(current_setting('overstap.organisation', true), '')
          AND (o.state IN ('offered', 'in_effect') OR o.state = 'accepted' AND NOT EXISTS (
              SELECT FROM custody c WHERE (c.pupil_ref, c.cohort) = (o.pupil_ref, o.cohort) AND c.since >= o.ended_at)))
$$;
REVOKE ALL ON FUNCTION is_offered FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_offered TO {{service}}_web, {{service}}_worker, overstap_reader;

-- As before; and whom it is offered.
CREATE OR REPLACE FUNCTION sees(ref text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT EXISTS (
        SELECT FROM transition t JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n)
        WHERE t.pupil_ref = ref AND t.open AND current_setting('overstap.organisation', true) <> ''
          AND current_setting('overstap.organisation', true) IN (c.organisation, t.origin)
    ) OR EXISTS (
        SELECT FROM action a
        WHERE a.pupil_ref = ref AND a.open AND a.organisation = nullif(current_setting('overstap.organisation', true), '')
    ) OR is_offered(ref) OR EXISTS (
        SELECT FROM seat s JOIN case_table m USING (table_id)
        JOIN involved i ON i.organisation = s.organisation AND i.pupil_ref = ref
        WHERE s.organisation = nullif(current_setting('overstap.organisation', true), '') AND m.closed_at IS NULL
          AND current_setting('overstap.role', true) <> 'region_coordinator'
          AND (i.heard_from IS NULL OR m.held_on >= i.heard_from)
    )
$$;

ALTER TABLE offer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_pupils ON offer TO {{service}}_web USING (sees(pupil_ref));
CREATE POLICY all_rows ON offer TO {{service}}_worker USING (true);
CREATE POLICY operator ON offer TO overstap_reader USING (true);
GRANT SELECT, INSERT, UPDATE ON offer TO {{service}}_web;
