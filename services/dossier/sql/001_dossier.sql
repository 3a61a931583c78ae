-- Dossier: whom the schools expect to move, what those pupils intend, and the ladder of the handover.
-- Web processes see their own organisation's rows only: a school its own pupils, an institution what was offered to it.

-- A pupil as one vo site lists them for one cohort. Two sites may list the same pupil; each sees its own row.
CREATE TABLE pupil (
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    pgn bytea NOT NULL,                      -- sealed; nothing reads it back yet
    number text NOT NULL,                    -- the school's own: leerlingnummer
    first_name text NOT NULL,
    prefix text NOT NULL,
    last_name text NOT NULL,
    birth_date date NOT NULL,
    postcode text NOT NULL,
    municipality text,                       -- CBS code; NULL: not in the Netherlands
    basic_qualification boolean NOT NULL,
    track text NOT NULL,
    class_name text NOT NULL,
    mentor text,
    deputy text,
    listed boolean NOT NULL,                 -- false: missing from the school's newest full list
    PRIMARY KEY (pupil_ref, cohort, vo_site)
);
CREATE INDEX pupil_number ON pupil (vo_site, cohort, number);

CREATE TABLE choice (
    choice_id text NOT NULL,
    vo_site text NOT NULL,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    mbo_institution text NOT NULL,
    programme text NOT NULL,
    level smallint NOT NULL,
    pathway text NOT NULL,
    preference smallint NOT NULL,
    start date,
    withdrawn boolean NOT NULL,
    PRIMARY KEY (choice_id, vo_site)
);
CREATE INDEX choice_pupil ON choice (pupil_ref, cohort);

CREATE TABLE handover (
    handover_id text PRIMARY KEY,
    pupil_ref text NOT NULL,
    cohort smallint NOT NULL,
    vo_site text NOT NULL,
    mbo_institution text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('cold', 'warm')),
    status text NOT NULL CHECK (status IN ('draft', 'offered', 'opened', 'accepted', 'refused', 'withdrawn')),
    categories text[] NOT NULL,
    withheld text[] NOT NULL,
    offered_at timestamptz,
    opened_at timestamptz,
    accepted_at timestamptz,
    ended_at timestamptz,
    reason text,
    reason_text text                         -- stays here; the event carries the code alone
);
CREATE INDEX handover_pupil ON handover (pupil_ref, cohort);
CREATE INDEX handover_institution ON handover (mbo_institution, status);

-- Who read which part of a dossier, when and why (AVG art. 5 and 30).
CREATE TABLE access (
    handover_id text NOT NULL REFERENCES handover ON DELETE CASCADE,
    at timestamptz NOT NULL,
    organisation text NOT NULL,
    role text NOT NULL,
    person_ref text,
    categories text[] NOT NULL,
    purpose text NOT NULL
);
CREATE INDEX access_handover ON access (handover_id, at);

-- What other services last told about a pupil: one row per entity, whole, as it came.
CREATE TABLE told (
    entity text NOT NULL,                    -- application, intake, custody, action, transition, alert
    subject text NOT NULL,                   -- pupil_ref it was told under, which may be an absorbed one
    key text NOT NULL,
    cohort smallint NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    at timestamptz NOT NULL,
    state jsonb NOT NULL,
    PRIMARY KEY (entity, subject, key)
);
CREATE INDEX told_subject ON told (subject);

CREATE TABLE organisation (
    code text PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    contacts jsonb NOT NULL,                 -- person_ref → name; addresses are not kept
    sequence bigint NOT NULL
);

-- References that are one child. Always points at the survivor itself, never at another absorbed one.
CREATE TABLE alias (absorbed text PRIMARY KEY, survivor text NOT NULL);
CREATE INDEX alias_survivor ON alias (survivor);

-- Erased pupils: nothing that comes later brings them back. The reference alone is kept.
CREATE TABLE erased (pupil_ref text PRIMARY KEY, erased_at timestamptz NOT NULL, vo_site text);
CREATE TABLE confirmation (
    pupil_ref text NOT NULL,
    service text NOT NULL,
    confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (pupil_ref, service)
);

ALTER TABLE pupil ENABLE ROW LEVEL SECURITY;
ALTER TABLE choice ENABLE ROW LEVEL SECURITY;
ALTER TABLE handover ENABLE ROW LEVEL SECURITY;
ALTER TABLE access ENABLE ROW LEVEL SECURITY;
ALTER TABLE told ENABLE ROW LEVEL SECURITY;
ALTER TABLE organisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE alias ENABLE ROW LEVEL SECURITY;
ALTER TABLE erased ENABLE ROW LEVEL SECURITY;
ALTER TABLE confirmation ENABLE ROW LEVEL SECURITY;

DO $$ DECLARE t text; BEGIN
    FOREACH t IN ARRAY ARRAY['pupil', 'choice', 'handover', 'access', 'told', 'organisation', 'alias', 'erased',
                             'confirmation'] LOOP
        EXECUTE format('CREATE POLICY all_rows ON %I TO {{service}}_worker USING (true)', t);
        EXECUTE format('CREATE POLICY operator ON %I FOR SELECT TO overstap_reader USING (true)', t);
    END LOOP;
END $$;

-- The school: its own pupils, choices and handovers.
CREATE POLICY own_site ON pupil TO {{service}}_web USING (vo_site = current_setting('overstap.organisation', true));
CREATE POLICY own_site ON choice TO {{service}}_web USING (vo_site = current_setting('overstap.organisation', true));
CREATE POLICY own_site ON handover TO {{service}}_web USING (vo_site = current_setting('overstap.organisation', true));

-- The institution: handovers addressed to it, never a draft; a pupil and its choices as long as the offer stands.
CREATE POLICY addressed ON handover FOR SELECT TO {{service}}_web
    USING (mbo_institution = current_setting('overstap.organisation', true) AND status <> 'draft');
CREATE POLICY answered ON handover FOR UPDATE TO {{service}}_web
    USING (mbo_institution = current_setting('overstap.organisation', true) AND status <> 'draft')
    WITH CHECK (mbo_institution = current_setting('overstap.organisation', true)
                AND status IN ('opened', 'accepted', 'refused'));
CREATE POLICY offered ON pupil FOR SELECT TO {{service}}_web USING (EXISTS (
    SELECT FROM handover h
    WHERE h.pupil_ref = pupil.pupil_ref AND h.cohort = pupil.cohort AND h.vo_site = pupil.vo_site
      AND h.mbo_institution = current_setting('overstap.organisation', true)
      AND h.status IN ('offered', 'opened', 'accepted')));
CREATE POLICY offered ON choice FOR SELECT TO {{service}}_web USING (
    mbo_institution = current_setting('overstap.organisation', true) AND EXISTS (
    SELECT FROM handover h
    WHERE h.pupil_ref = choice.pupil_ref AND h.cohort = choice.cohort AND h.vo_site = choice.vo_site
      AND h.mbo_institution = choice.mbo_institution AND h.status IN ('opened', 'accepted')));

-- Readings: the reader's own, and for the school those of what it handed over.
CREATE POLICY own_reading ON access TO {{service}}_web
    USING (organisation = current_setting('overstap.organisation', true));
CREATE POLICY own_handover ON access FOR SELECT TO {{service}}_web USING (EXISTS (
    SELECT FROM handover h
    WHERE h.handover_id = access.handover_id AND h.vo_site = current_setting('overstap.organisation', true)));

-- What others told: about the school's own pupils, and of alerts only those the school itself received.
CREATE POLICY own_pupil ON told FOR SELECT TO {{service}}_web USING (
    (entity <> 'alert' OR state->>'organisation' = current_setting('overstap.organisation', true)) AND EXISTS (
    SELECT FROM pupil p
    WHERE p.pupil_ref = coalesce((SELECT a.survivor FROM alias a WHERE a.absorbed = told.subject), told.subject)
      AND p.cohort = told.cohort AND p.vo_site = current_setting('overstap.organisation', true)));

-- Without person data of pupils: any signed-in organisation.
CREATE POLICY signed_in ON organisation FOR SELECT TO {{service}}_web
    USING (current_setting('overstap.organisation', true) <> '');
CREATE POLICY signed_in ON alias FOR SELECT TO {{service}}_web
    USING (current_setting('overstap.organisation', true) <> '');
CREATE POLICY signed_in ON erased FOR SELECT TO {{service}}_web
    USING (current_setting('overstap.organisation', true) <> '');
CREATE POLICY own_erasure ON confirmation FOR SELECT TO {{service}}_web USING (EXISTS (
    SELECT FROM erased e
    WHERE e.pupil_ref = confirmation.pupil_ref AND e.vo_site = current_setting('overstap.organisation', true)));

GRANT SELECT, INSERT, UPDATE ON pupil, choice, handover TO {{service}}_web;
GRANT SELECT, INSERT ON access TO {{service}}_web;
GRANT SELECT ON told, organisation, alias, erased, confirmation TO {{service}}_web;

-- Joining and erasing touch rows of every site that listed the pupil, which no web process may see: by function alone.
CREATE FUNCTION link_pupils(kept text, gone text) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = {{service}} AS $$
    -- Of two rows of one site, the listed one is newer.
    DELETE FROM pupil k USING pupil g
    WHERE k.pupil_ref = kept AND g.pupil_ref = gone AND (k.cohort, k.vo_site) = (g.cohort, g.vo_site)
      AND g.listed AND NOT k.listed;
    DELETE FROM pupil g USING pupil k
    WHERE k.pupil_ref = kept AND g.pupil_ref = gone AND (k.cohort, k.vo_site) = (g.cohort, g.vo_site);
    UPDATE pupil SET pupil_ref = kept WHERE pupil_ref = gone;
    UPDATE choice SET pupil_ref = kept WHERE pupil_ref = gone;
    UPDATE handover SET pupil_ref = kept WHERE pupil_ref = gone;
    UPDATE alias SET survivor = kept WHERE survivor = gone;
    INSERT INTO alias (absorbed, survivor) VALUES (gone, kept);
$$;

-- Erases a pupil with every reference that is the same child; gives those references.
CREATE FUNCTION erase_pupil(gone text, moment timestamptz, site text) RETURNS SETOF text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = {{service}} AS $$
DECLARE
    root text := coalesce((SELECT survivor FROM alias WHERE absorbed = gone), gone);
    refs text[] := ARRAY(SELECT absorbed FROM alias WHERE survivor = root ORDER BY absorbed) || root;
    listed_by text := coalesce(site, (SELECT min(vo_site) FROM pupil WHERE pupil_ref = root));
BEGIN
    DELETE FROM pupil WHERE pupil_ref = ANY(refs);
    DELETE FROM choice WHERE pupil_ref = ANY(refs);
    DELETE FROM handover WHERE pupil_ref = ANY(refs);
    DELETE FROM told WHERE subject = ANY(refs);
    DELETE FROM alias WHERE survivor = root;
    INSERT INTO erased (pupil_ref, erased_at, vo_site) SELECT r, moment, listed_by FROM unnest(refs) r
        ON CONFLICT DO NOTHING;
    INSERT INTO confirmation (pupil_ref, service, confirmed_at) SELECT r, '{{service}}', moment FROM unnest(refs) r
        ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT unnest(refs);
END $$;

-- How often a dossier was offered to an institution, by any site: makes the key of the next one.
CREATE FUNCTION handovers_so_far(pupil text, year int, institution text) RETURNS bigint LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = {{service}} AS $$
    SELECT count(*) FROM handover WHERE pupil_ref = pupil AND cohort = year AND mbo_institution = institution
$$;
REVOKE ALL ON FUNCTION link_pupils, erase_pupil, handovers_so_far FROM PUBLIC;
GRANT EXECUTE ON FUNCTION link_pupils, erase_pupil, handovers_so_far TO {{service}}_web, {{service}}_worker;
