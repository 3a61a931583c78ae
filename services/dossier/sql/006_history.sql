-- What other services told about a pupil, one row for every time: codes and moments, never a text.
-- `told` has the newest state of the same entities whole.
CREATE TABLE step (
    entity text NOT NULL,                    -- application, intake, enrolment, switch, custody, offer, transition, action
    subject text NOT NULL,                   -- pupil_ref it was told under, which may be an absorbed one
    key text NOT NULL,
    cohort smallint NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,                 -- when it happened
    organisation text NOT NULL,              -- whose staff or system recorded it
    role text NOT NULL,
    detail jsonb NOT NULL,
    PRIMARY KEY (entity, subject, key, sequence)
);
CREATE INDEX step_subject ON step (subject, cohort);

ALTER TABLE step ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON step TO {{service}}_worker USING (true);
CREATE POLICY operator ON step FOR SELECT TO overstap_reader USING (true);
CREATE POLICY own_pupil ON step FOR SELECT TO {{service}}_web USING (EXISTS (
    SELECT FROM pupil p
    WHERE p.pupil_ref = coalesce((SELECT a.survivor FROM alias a WHERE a.absorbed = step.subject), step.subject)
      AND p.cohort = step.cohort AND p.vo_site = current_setting('overstap.organisation', true)));
GRANT SELECT ON step TO {{service}}_web;

-- What this service told about a pupil on behalf of the site that asks. No web process reads the event log itself.
CREATE FUNCTION own_history(ref text, year int)
RETURNS TABLE (type text, key text, at timestamptz, organisation text, role text, person_ref text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT e.type,
        coalesce(data->>'choice_id', data->>'handover_id', data->>'talk_id', data->>'concern_id', e.type),
        e.recorded_at, data->'recorded_by'->>'organisation', data->'recorded_by'->>'role',
        data->'recorded_by'->>'person_ref', (data - 'recorded_by' - 'note_ref')::text
    FROM event_log e, LATERAL (SELECT CASE WHEN e.type IN ('pupil-expected', 'pupil-not-listed', 'choice-registered',
        'choice-withdrawn', 'other-route-registered', 'dossier-completed', 'exam-result-recorded', 'concern-raised',
        'concern-resolved', 'dossier-handed-over', 'handover-opened', 'handover-accepted', 'handover-refused',
        'handover-withdrawn', 'warm-handover-requested', 'warm-handover-planned', 'warm-handover-held',
        'warm-handover-missed') THEN e.payload::jsonb END AS data) AS opened
    WHERE (e.subject = ref OR e.subject IN (SELECT absorbed FROM alias WHERE survivor = ref)) AND e.cohort = year
      AND coalesce(data->>'vo_site', data->>'organisation') = current_setting('overstap.organisation', true)
    ORDER BY e.recorded_at, e.sequence
$$;

-- What was told stays under the reference it was told under; whoever reads it follows the alias.
CREATE FUNCTION link_history(kept text, gone text) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS 'SELECT';
CREATE FUNCTION erase_history(refs text[]) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$ DELETE FROM step WHERE subject = ANY(refs) $$;
REVOKE ALL ON FUNCTION own_history, link_history, erase_history FROM PUBLIC;
GRANT EXECUTE ON FUNCTION own_history TO {{service}}_web;
GRANT EXECUTE ON FUNCTION link_history, erase_history TO {{service}}_web, {{service}}_worker;
