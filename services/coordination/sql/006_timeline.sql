-- What coordination published about a child, under all its references: for who sees the child, and nobody else. A web
-- process itself never reads the history.
CREATE FUNCTION told_of(ref text) RETURNS TABLE (type text, cohort smallint, recorded_at timestamptz, payload text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT e.type, e.cohort, e.recorded_at, e.payload
    FROM pupil p JOIN event_log e ON e.subject = p.pupil_ref
    WHERE p.root = root_of($1) AND sees(root_of($1))
    ORDER BY e.recorded_at, e.subject, e.sequence
$$;
REVOKE ALL ON FUNCTION told_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION told_of TO {{service}}_web, {{service}}_worker, overstap_reader;
