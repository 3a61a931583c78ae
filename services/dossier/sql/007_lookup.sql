-- Whether a row is about an own pupil is asked once per row, so the pupil must be found by its key. Under the policies of
-- `pupil` itself that can not be: a condition with a sub-query is no reason to use an index there.
CREATE FUNCTION own_pupil(ref text, year int) RETURNS boolean LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
BEGIN
    -- With `||` the site is no reason to walk through its whole list instead.
    RETURN EXISTS (SELECT FROM pupil WHERE cohort = year AND vo_site || '' = current_setting('overstap.organisation', true)
        AND pupil_ref = coalesce((SELECT survivor FROM alias WHERE absorbed = ref), ref));
END $$;
REVOKE ALL ON FUNCTION own_pupil FROM PUBLIC;
GRANT EXECUTE ON FUNCTION own_pupil TO {{service}}_web;
ALTER POLICY own_pupil ON told USING (
    (entity <> 'alert' OR state->>'organisation' = current_setting('overstap.organisation', true))
    AND own_pupil(subject, cohort));
ALTER POLICY own_pupil ON step USING (own_pupil(subject, cohort));
