-- What is the pupil's own: the loopbaandossier, the plusdocument, files, what of that is shared, and how they sign in.
-- A pupil sees and changes own rows; the school sees how far its pupils are, and mentor and decaan read along; an
-- institution reads what the pupil shared, as long as a handover to it is open.

-- How far each part is. A part without a row is untouched.
CREATE TABLE career_part (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    part text NOT NULL CHECK (part IN ('pupil', 'plus')),
    items smallint NOT NULL DEFAULT 0,       -- entries, a link and files
    competences text[] NOT NULL DEFAULT '{}',
    link text,                               -- the pupil keeps this part elsewhere
    done_at timestamptz,                     -- since when the pupil calls it done
    shared_at timestamptz,                   -- since when institutions may read it
    PRIMARY KEY (pupil_ref, cohort, vo_site, part),
    CHECK (items > 0 OR (done_at IS NULL AND shared_at IS NULL))
);

CREATE TABLE career_entry (
    entry_id text PRIMARY KEY,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('activity', 'talk', 'plus')),
    title text NOT NULL,
    day date,
    competences text[] NOT NULL,
    texts jsonb NOT NULL,                    -- step of the kind → what the pupil wrote
    changed_at timestamptz NOT NULL
);
CREATE INDEX career_entry_pupil ON career_entry (pupil_ref, cohort, vo_site);

CREATE TABLE pupil_file (
    file_id text PRIMARY KEY,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    title text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('pdf', 'png', 'jpeg')),
    size int NOT NULL,
    name bytea NOT NULL,                     -- sealed: as the pupil's own device calls it
    content bytea NOT NULL,                  -- sealed
    added_at timestamptz NOT NULL,
    shared_at timestamptz
);
ALTER TABLE pupil_file ALTER content SET STORAGE EXTERNAL;    -- sealed bytes do not get smaller
CREATE INDEX pupil_file_pupil ON pupil_file (pupil_ref, cohort, vo_site);

-- Readings by the pupil's own school; those by institutions stand in access, with the handover they belong to.
CREATE TABLE career_reading (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    at timestamptz NOT NULL,
    role text NOT NULL,
    person_ref text,
    parts text[] NOT NULL
);
CREATE INDEX career_reading_pupil ON career_reading (pupil_ref, cohort, vo_site);

-- The one code that opens a session for this pupil. The code itself is nowhere.
CREATE TABLE invitation (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    code_hash bytea NOT NULL UNIQUE,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (pupil_ref, cohort, vo_site)
);

-- Codes that did not fit, by source (a keyed hash of where it came from; '' counts all) and quarter of an hour.
CREATE TABLE signin_attempt (
    source text NOT NULL,
    since timestamptz NOT NULL,
    failures int NOT NULL,
    PRIMARY KEY (source, since)
);

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['career_part', 'career_entry', 'pupil_file', 'career_reading', 'invitation',
                             'signin_attempt'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
    END LOOP;
END $$;

-- The pupil: own rows, on every table they may look at.
CREATE POLICY own ON career_part TO {{service}}_web USING (pupil_ref = current_setting('overstap.pupil', true));
CREATE POLICY own ON career_entry TO {{service}}_web USING (pupil_ref = current_setting('overstap.pupil', true));
CREATE POLICY own ON pupil_file TO {{service}}_web USING (pupil_ref = current_setting('overstap.pupil', true));
CREATE POLICY own ON career_reading FOR SELECT TO {{service}}_web
    USING (pupil_ref = current_setting('overstap.pupil', true));
CREATE POLICY own ON invitation TO {{service}}_web USING (pupil_ref = current_setting('overstap.pupil', true));
CREATE POLICY own_record ON pupil FOR SELECT TO {{service}}_web
    USING (pupil_ref = current_setting('overstap.pupil', true));
CREATE POLICY own_record ON choice FOR SELECT TO {{service}}_web
    USING (pupil_ref = current_setting('overstap.pupil', true));
CREATE POLICY own_record ON handover FOR SELECT TO {{service}}_web
    USING (pupil_ref = current_setting('overstap.pupil', true) AND status <> 'draft');
CREATE POLICY own_record ON access FOR SELECT TO {{service}}_web USING (EXISTS (
    SELECT FROM handover h
    WHERE h.handover_id = access.handover_id AND h.pupil_ref = current_setting('overstap.pupil', true)));
CREATE POLICY own_record ON alias FOR SELECT TO {{service}}_web
    USING (survivor = current_setting('overstap.pupil', true));
CREATE POLICY own_record ON told FOR SELECT TO {{service}}_web USING (
    entity <> 'alert' AND coalesce((SELECT a.survivor FROM alias a WHERE a.absorbed = told.subject), told.subject)
        = current_setting('overstap.pupil', true));
-- Names of organisations that have to do with this pupil.
CREATE POLICY own_record ON organisation FOR SELECT TO {{service}}_web USING (
    current_setting('overstap.pupil', true) <> '' AND code IN (
        SELECT vo_site FROM pupil UNION SELECT mbo_institution FROM choice UNION SELECT mbo_institution FROM handover
        UNION SELECT organisation FROM access UNION SELECT state->>'mbo_institution' FROM told
        UNION SELECT state->'holder'->>'organisation' FROM told UNION SELECT state->'owner'->>'organisation' FROM told));

-- The school: how far its pupils are; mentor and decaan, who guide them, read along.
CREATE POLICY own_site ON career_part FOR SELECT TO {{service}}_web
    USING (vo_site = current_setting('overstap.organisation', true));
CREATE POLICY guides ON career_entry FOR SELECT TO {{service}}_web
    USING (vo_site = current_setting('overstap.organisation', true)
           AND current_setting('overstap.role', true) IN ('mentor', 'decaan'));
CREATE POLICY guides ON pupil_file FOR SELECT TO {{service}}_web
    USING (vo_site = current_setting('overstap.organisation', true)
           AND current_setting('overstap.role', true) IN ('mentor', 'decaan'));
CREATE POLICY own_site ON career_reading TO {{service}}_web
    USING (vo_site = current_setting('overstap.organisation', true));
CREATE POLICY own_site ON invitation TO {{service}}_web
    USING (vo_site = current_setting('overstap.organisation', true));

-- The institution: what the pupil shared, through a handover that is open to it and not objected to as a whole.
CREATE POLICY shared ON career_part FOR SELECT TO {{service}}_web USING (shared_at IS NOT NULL AND EXISTS (
    SELECT FROM handover h WHERE h.pupil_ref = career_part.pupil_ref AND h.cohort = career_part.cohort
      AND h.vo_site = career_part.vo_site AND h.mbo_institution = current_setting('overstap.organisation', true)
      AND h.categories <> '{}'
      AND (h.status = 'accepted' OR (h.status = 'opened' AND current_setting('overstap.role', true) <> 'slber'))));
CREATE POLICY shared ON career_entry FOR SELECT TO {{service}}_web USING (EXISTS (
    SELECT FROM career_part p JOIN handover h USING (pupil_ref, cohort, vo_site)
    WHERE p.pupil_ref = career_entry.pupil_ref AND p.cohort = career_entry.cohort AND p.vo_site = career_entry.vo_site
      AND p.part = CASE career_entry.kind WHEN 'plus' THEN 'plus' ELSE 'pupil' END AND p.shared_at IS NOT NULL
      AND h.mbo_institution = current_setting('overstap.organisation', true) AND h.categories <> '{}'
      AND (h.status = 'accepted' OR (h.status = 'opened' AND current_setting('overstap.role', true) <> 'slber'))));
CREATE POLICY shared ON pupil_file FOR SELECT TO {{service}}_web USING (shared_at IS NOT NULL AND EXISTS (
    SELECT FROM handover h WHERE h.pupil_ref = pupil_file.pupil_ref AND h.cohort = pupil_file.cohort
      AND h.vo_site = pupil_file.vo_site AND h.mbo_institution = current_setting('overstap.organisation', true)
      AND h.categories <> '{}'
      AND (h.status = 'accepted' OR (h.status = 'opened' AND current_setting('overstap.role', true) <> 'slber'))));

GRANT SELECT, INSERT, UPDATE ON career_part TO {{service}}_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON career_entry, pupil_file TO {{service}}_web;
GRANT SELECT, INSERT ON career_reading TO {{service}}_web;
GRANT SELECT (pupil_ref, cohort, vo_site, made_at, expires_at, used_at), INSERT, DELETE ON invitation TO {{service}}_web;

-- Who keeps the installation running checks that it adds up, and reads nothing that a pupil wrote.
REVOKE SELECT ON career_entry, pupil_file, invitation FROM overstap_reader;
GRANT SELECT (entry_id, pupil_ref, cohort, vo_site, kind, competences) ON career_entry TO overstap_reader;
GRANT SELECT (file_id, pupil_ref, cohort, vo_site, kind, size) ON pupil_file TO overstap_reader;
GRANT SELECT (pupil_ref, cohort, vo_site, made_at, expires_at, used_at) ON invitation TO overstap_reader;

-- Who this code belongs to, once: before anybody is known no row is anybody's own. `verdict`: welcome, refused (wrong,
-- used, replaced or expired: the same answer) or too-many. Every attempt counts first, so that many at once gain nothing.
CREATE FUNCTION redeem_invitation(code bytea, origin text, moment timestamptz, most_each int, most_all int)
RETURNS TABLE (verdict text, whose text, site text, year smallint) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = {{service}} AS $$
DECLARE
    quarter timestamptz := date_bin('15 minutes', moment, 'epoch');
    counted int;
BEGIN
    DELETE FROM signin_attempt WHERE since < quarter - interval '1 day';
    INSERT INTO signin_attempt VALUES ('', quarter, 1), (origin, quarter, 1)
        ON CONFLICT (source, since) DO UPDATE SET failures = signin_attempt.failures + 1;
    SELECT count(*) INTO counted FROM signin_attempt WHERE since = quarter
        AND ((source = '' AND failures > most_all) OR (source = origin AND failures > most_each));
    IF counted > 0 THEN
        RETURN QUERY SELECT 'too-many', NULL::text, NULL::text, NULL::smallint;
        RETURN;
    END IF;
    RETURN QUERY UPDATE invitation i SET used_at = moment FROM pupil p
        WHERE i.code_hash = code AND i.used_at IS NULL AND i.expires_at > moment
          AND (p.pupil_ref, p.cohort, p.vo_site) = (i.pupil_ref, i.cohort, i.vo_site)
        RETURNING 'welcome', i.pupil_ref, i.vo_site, i.cohort;
    IF FOUND THEN
        UPDATE signin_attempt SET failures = failures - 1 WHERE since = quarter AND source IN ('', origin);
    ELSE
        RETURN QUERY SELECT 'refused', NULL::text, NULL::text, NULL::smallint;
    END IF;
END $$;

-- Of two parts that turn out to be one, the least stands: done and shared only when both were, the link of who stays.
CREATE FUNCTION link_career(kept text, gone text) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$
    UPDATE career_part k SET items = k.items + g.items - (k.link IS NOT NULL AND g.link IS NOT NULL)::int,
        competences = ARRAY(SELECT DISTINCT c FROM unnest(k.competences || g.competences) c ORDER BY c),
        link = coalesce(k.link, g.link),
        done_at = CASE WHEN k.done_at IS NOT NULL AND g.done_at IS NOT NULL THEN greatest(k.done_at, g.done_at) END,
        shared_at = CASE WHEN k.shared_at IS NOT NULL AND g.shared_at IS NOT NULL
                         THEN greatest(k.shared_at, g.shared_at) END
    FROM career_part g
    WHERE k.pupil_ref = kept AND g.pupil_ref = gone
      AND (k.cohort, k.vo_site, k.part) = (g.cohort, g.vo_site, g.part);
    DELETE FROM career_part g USING career_part k
    WHERE k.pupil_ref = kept AND g.pupil_ref = gone AND (k.cohort, k.vo_site, k.part) = (g.cohort, g.vo_site, g.part);
    DELETE FROM invitation g USING invitation k
    WHERE k.pupil_ref = kept AND g.pupil_ref = gone AND (k.cohort, k.vo_site) = (g.cohort, g.vo_site);
    UPDATE career_part SET pupil_ref = kept WHERE pupil_ref = gone;
    UPDATE career_entry SET pupil_ref = kept WHERE pupil_ref = gone;
    UPDATE pupil_file SET pupil_ref = kept WHERE pupil_ref = gone;
    UPDATE career_reading SET pupil_ref = kept WHERE pupil_ref = gone;
    UPDATE invitation SET pupil_ref = kept WHERE pupil_ref = gone;
$$;

CREATE FUNCTION erase_career(refs text[]) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$
    DELETE FROM career_part WHERE pupil_ref = ANY(refs);
    DELETE FROM career_entry WHERE pupil_ref = ANY(refs);
    DELETE FROM pupil_file WHERE pupil_ref = ANY(refs);
    DELETE FROM career_reading WHERE pupil_ref = ANY(refs);
    DELETE FROM invitation WHERE pupil_ref = ANY(refs);
$$;
REVOKE ALL ON FUNCTION redeem_invitation, link_career, erase_career FROM PUBLIC;
GRANT EXECUTE ON FUNCTION redeem_invitation TO {{service}}_web;
GRANT EXECUTE ON FUNCTION link_career, erase_career TO {{service}}_web, {{service}}_worker;
