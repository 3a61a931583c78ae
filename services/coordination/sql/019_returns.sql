-- Who gave a pupil back is not asked for the same again, also after another was asked; what came back is settled meanwhile.

-- One question at a time; besides it there may be what came back and nobody has settled.
DROP INDEX offer_open;
CREATE UNIQUE INDEX offer_open ON offer (pupil_ref, cohort) WHERE state IN ('offered', 'in_effect');

-- As before; and a pupil whom an organisation gave back twice counts there once.
CREATE OR REPLACE FUNCTION offer_numbers(now timestamptz) RETURNS TABLE (figure text, label text, detail text, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT 'elsewhere', o.organisation, o.state, count(DISTINCT (o.pupil_ref, o.cohort))
    FROM transition t JOIN offer o USING (pupil_ref, cohort)
    WHERE t.open AND current_setting('overstap.role', true) = 'region_coordinator'
      AND t.region = nullif(current_setting('overstap.organisation', true), '')
      AND (o.state = 'offered' AND o.answer_by < $1 OR o.state = 'returned')
    GROUP BY o.organisation, o.state
$$;
