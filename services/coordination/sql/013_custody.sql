-- What people see of offers of custody: what waits for an answer in a region, and what they noted when they gave a pupil
-- back.

-- What somebody wrote when a pupil was given back: for their own organisation alone, and on no event.
CREATE TABLE custody_note (
    note_ref text PRIMARY KEY,
    pupil_ref text NOT NULL,
    offer_id text NOT NULL,
    organisation text NOT NULL,
    at timestamptz NOT NULL,
    role text NOT NULL,
    person_ref text,
    text text NOT NULL
);
CREATE INDEX custody_note_pupil ON custody_note (pupil_ref, at);
ALTER TABLE custody_note ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_note ON custody_note TO {{service}}_web
    USING (organisation = nullif(current_setting('overstap.organisation', true), '') AND sees(root_of(pupil_ref)))
    WITH CHECK (organisation = nullif(current_setting('overstap.organisation', true), ''));
CREATE POLICY all_rows ON custody_note TO {{service}}_worker USING (true);
CREATE POLICY operator ON custody_note FOR SELECT TO overstap_reader USING (true);
GRANT SELECT, INSERT ON custody_note TO {{service}}_web;

-- As before; and who accepted a pupil for a day to come keeps sight when another person of the holder has the pupil.
CREATE OR REPLACE FUNCTION is_offered(ref text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT EXISTS (
        SELECT FROM offer o JOIN transition t USING (pupil_ref, cohort)
        WHERE o.pupil_ref = ref AND t.open
          AND o.organisation = nullif(current_setting('overstap.organisation', true), '')
          AND (o.state IN ('offered', 'in_effect') OR o.state = 'accepted' AND NOT EXISTS (
              SELECT FROM custody c WHERE (c.pupil_ref, c.cohort) = (o.pupil_ref, o.cohort)
                AND c.since >= o.ended_at AND c.organisation = o.organisation)))
$$;

-- Who should have pupils of a region and does not: offers past the moment of answer, and pupils given back whom nobody
-- has settled. For its coordinator alone, and never a pupil.
CREATE FUNCTION offer_numbers(now timestamptz) RETURNS TABLE (figure text, label text, detail text, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT 'elsewhere', o.organisation, o.state, count(*)
    FROM transition t JOIN offer o USING (pupil_ref, cohort)
    WHERE t.open AND current_setting('overstap.role', true) = 'region_coordinator'
      AND t.region = nullif(current_setting('overstap.organisation', true), '')
      AND (o.state = 'offered' AND o.answer_by < $1 OR o.state = 'returned')
    GROUP BY o.organisation, o.state
$$;
REVOKE ALL ON FUNCTION offer_numbers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION offer_numbers TO {{service}}_web, {{service}}_worker, overstap_reader;
