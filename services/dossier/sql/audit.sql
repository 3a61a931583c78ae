-- What must not be. Each query returns what breaks its rule; run over the schema of the dossier, at a quiet moment.

-- name: handover_as_told
-- The ladder as stored is the one that was told last.
SELECT h.handover_id AS subject, 'stored as ' || h.status || ', told as ' || coalesce(e.status, 'nothing') AS what
FROM handover h LEFT JOIN (
    SELECT DISTINCT ON (payload::jsonb->>'handover_id') payload::jsonb->>'handover_id' AS handover_id,
        payload::jsonb->>'status' AS status
    FROM event_log WHERE type IN ('dossier-handed-over', 'handover-opened', 'handover-accepted', 'handover-refused',
        'handover-withdrawn')
    ORDER BY payload::jsonb->>'handover_id', event_id DESC) e USING (handover_id)
WHERE h.status <> 'draft' AND h.status IS DISTINCT FROM e.status

-- name: choice_as_told
SELECT c.choice_id AS subject, 'stored differently from what was told' AS what
FROM choice c LEFT JOIN (
    SELECT DISTINCT ON (payload::jsonb->>'choice_id', payload::jsonb->>'vo_site') payload::jsonb->>'choice_id' AS choice_id,
        payload::jsonb->>'vo_site' AS vo_site, type = 'choice-withdrawn' AS withdrawn,
        (payload::jsonb->>'preference')::int AS preference
    FROM event_log WHERE type IN ('choice-registered', 'choice-withdrawn')
    ORDER BY payload::jsonb->>'choice_id', payload::jsonb->>'vo_site', event_id DESC) e USING (choice_id, vo_site)
WHERE (c.withdrawn, c.preference::int) IS DISTINCT FROM (e.withdrawn, e.preference)

-- name: pupil_told
-- Every listed pupil was told to be expected, under this reference or an absorbed one.
SELECT p.pupil_ref AS subject, 'never told as expected' AS what FROM pupil p
WHERE NOT EXISTS (SELECT FROM event_log e WHERE e.type = 'pupil-expected' AND e.cohort = p.cohort
    AND (e.subject = p.pupil_ref OR e.subject IN (SELECT absorbed FROM alias WHERE survivor = p.pupil_ref)))

-- name: without_pupil
SELECT pupil_ref AS subject, 'choice or handover without its pupil' AS what FROM (
    SELECT pupil_ref, cohort, vo_site FROM choice UNION SELECT pupil_ref, cohort, vo_site FROM handover) AS part
WHERE NOT EXISTS (SELECT FROM pupil p WHERE (p.pupil_ref, p.cohort, p.vo_site) = (part.pupil_ref, part.cohort, part.vo_site))

-- name: read_without_opening
-- Nobody of an institution read a dossier before it was opened.
SELECT a.handover_id AS subject, 'read before it was opened' AS what FROM access a JOIN handover h USING (handover_id)
WHERE a.organisation = h.mbo_institution AND (h.opened_at IS NULL OR a.at < h.opened_at)

-- name: moments_of_steps
SELECT handover_id AS subject, 'the moments of its steps do not fit ' || status AS what FROM handover
WHERE (status <> 'draft' AND offered_at IS NULL)
   OR (status IN ('opened', 'accepted', 'refused') AND opened_at IS NULL)
   OR (status = 'accepted') <> (accepted_at IS NOT NULL)
   OR (status IN ('refused', 'withdrawn')) <> (ended_at IS NOT NULL)

-- name: erased_still_there
SELECT pupil_ref AS subject, 'erased, but still present' AS what FROM erased
WHERE pupil_ref IN (SELECT pupil_ref FROM pupil UNION SELECT pupil_ref FROM choice UNION SELECT pupil_ref FROM handover
                    UNION SELECT subject FROM told UNION SELECT absorbed FROM alias UNION SELECT survivor FROM alias)

-- name: alias_to_alias
SELECT a.absorbed AS subject, 'points at another absorbed reference' AS what
FROM alias a JOIN alias b ON b.absorbed = a.survivor

-- name: absorbed_still_there
SELECT absorbed AS subject, 'absorbed, but still has rows' AS what FROM alias
WHERE absorbed IN (SELECT pupil_ref FROM pupil UNION SELECT pupil_ref FROM choice UNION SELECT pupil_ref FROM handover)

-- name: history_of_erased
SELECT subject, 'erased, but what happened is still told' AS what FROM step WHERE subject IN (SELECT pupil_ref FROM erased)

-- name: talk_as_told
-- A talk as stored is the one that was told last.
SELECT t.talk_id AS subject, 'stored as ' || t.status || ', told as ' || coalesce(e.status, 'nothing') AS what
FROM talk t LEFT JOIN (
    SELECT DISTINCT ON (payload::jsonb->>'talk_id') payload::jsonb->>'talk_id' AS talk_id,
        payload::jsonb->>'status' AS status, (payload::jsonb->>'missed')::int AS missed,
        payload::jsonb->'follow_ups' AS follow_ups
    FROM event_log WHERE type IN ('warm-handover-requested', 'warm-handover-planned', 'warm-handover-held',
        'warm-handover-missed')
    ORDER BY payload::jsonb->>'talk_id', event_id DESC) e USING (talk_id)
WHERE (t.status, t.missed::int, t.follow_ups) IS DISTINCT FROM (e.status, e.missed, e.follow_ups)

-- name: moments_of_talks
SELECT talk_id AS subject, 'its moments do not fit ' || status AS what FROM talk
WHERE (status <> 'requested') <> (planned_at IS NOT NULL) OR (status = 'held') <> (held_at IS NOT NULL)
   OR (status = 'held' AND (vo_person IS NULL OR mbo_person IS NULL)) OR (status = 'missed') <> (missed_reason IS NOT NULL)

-- name: talk_without_pupil
SELECT talk_id AS subject, 'talk without its pupil' AS what FROM talk t
WHERE NOT EXISTS (SELECT FROM pupil p WHERE (p.pupil_ref, p.cohort, p.vo_site) = (t.pupil_ref, t.cohort, t.vo_site))

-- name: erased_or_absorbed_in_talks
SELECT pupil_ref AS subject, 'talk of somebody erased or absorbed' AS what FROM talk
WHERE pupil_ref IN (SELECT pupil_ref FROM erased UNION SELECT absorbed FROM alias)

-- name: route_as_told
-- A route as stored is one of those that were told last, under the reference of the pupil or an absorbed one.
SELECT r.pupil_ref AS subject, 'route stored as ' || r.status || ', told otherwise' AS what FROM route r
WHERE NOT EXISTS (
    SELECT FROM (
        SELECT DISTINCT ON (subject) payload::jsonb AS told FROM event_log e
        WHERE e.type = 'other-route-registered' AND e.cohort = r.cohort AND payload::jsonb->>'vo_site' = r.vo_site
          AND e.subject IN (SELECT r.pupil_ref UNION ALL SELECT absorbed FROM alias WHERE survivor = r.pupil_ref)
        ORDER BY subject, event_id DESC) AS last
    WHERE (told->>'status', told->>'route', told->>'evidence') IS NOT DISTINCT FROM (r.status, r.route, r.evidence))

-- name: exam_as_told
SELECT x.pupil_ref AS subject, 'exam result stored as ' || x.result || ', told otherwise' AS what FROM exam x
WHERE NOT EXISTS (
    SELECT FROM (
        SELECT DISTINCT ON (subject) payload::jsonb AS told FROM event_log e
        WHERE e.type = 'exam-result-recorded' AND e.cohort = x.cohort AND payload::jsonb->>'vo_site' = x.vo_site
          AND e.subject IN (SELECT x.pupil_ref UNION ALL SELECT absorbed FROM alias WHERE survivor = x.pupil_ref)
        ORDER BY subject, event_id DESC) AS last
    WHERE (told->>'result', told->>'track') IS NOT DISTINCT FROM (x.result, x.track))

-- name: year_end_without_pupil
SELECT pupil_ref AS subject, 'route or exam result without its pupil' AS what FROM (
    SELECT pupil_ref, cohort, vo_site FROM route UNION SELECT pupil_ref, cohort, vo_site FROM exam) AS part
WHERE NOT EXISTS (SELECT FROM pupil p WHERE (p.pupil_ref, p.cohort, p.vo_site) = (part.pupil_ref, part.cohort, part.vo_site))

-- name: erased_or_absorbed_at_year_end
SELECT pupil_ref AS subject, 'route or exam result of somebody erased or absorbed' AS what
FROM (SELECT pupil_ref FROM route UNION SELECT pupil_ref FROM exam) AS part
WHERE pupil_ref IN (SELECT pupil_ref FROM erased UNION SELECT absorbed FROM alias)

-- name: transfer_parts_as_told
-- What a handover holds is what was told last.
SELECT h.handover_id AS subject, 'holds other categories than were told' AS what
FROM handover h JOIN (
    SELECT DISTINCT ON (payload::jsonb->>'handover_id') payload::jsonb AS told
    FROM event_log WHERE type IN ('dossier-handed-over', 'handover-opened', 'handover-accepted', 'handover-refused',
        'handover-withdrawn')
    ORDER BY payload::jsonb->>'handover_id', event_id DESC) e ON told->>'handover_id' = h.handover_id
WHERE (to_jsonb(h.categories), to_jsonb(h.withheld)) IS DISTINCT FROM (told->'categories', told->'withheld')

-- name: transfer_category_in_two_places
SELECT handover_id AS subject, 'a category goes and does not go' AS what FROM handover
WHERE categories && withheld OR categories && not_present OR withheld && not_present

-- name: transfer_despite_objection
-- What somebody objects to is in no live handover.
SELECT h.handover_id AS subject, 'goes against an objection' AS what FROM handover h
JOIN objection o USING (pupil_ref, cohort, vo_site)
WHERE h.status IN ('offered', 'opened', 'accepted') AND o.withdrawn_at IS NULL
  AND (o.category = ANY(h.categories) OR (o.category IS NULL AND h.categories <> '{}'))

-- name: transfer_without_informing
SELECT handover_id AS subject, 'offered before the family was told' AS what FROM handover
WHERE status <> 'draft' AND informed_on IS NULL AND NOT categories <@ ARRAY['administrative', 'education_history']

-- name: transfer_care_read_before_acceptance
SELECT a.handover_id AS subject, 'care part read before it was accepted' AS what FROM access a JOIN handover h USING (handover_id)
WHERE a.organisation = h.mbo_institution AND a.categories && ARRAY['support', 'absence']
  AND (h.accepted_at IS NULL OR a.at < h.accepted_at)

-- name: transfer_without_pupil
SELECT pupil_ref AS subject, 'transfer data without its pupil' AS what FROM (
    SELECT pupil_ref, cohort, vo_site FROM section UNION SELECT pupil_ref, cohort, vo_site FROM information
    UNION SELECT pupil_ref, cohort, vo_site FROM objection UNION SELECT pupil_ref, cohort, vo_site FROM care_reading) AS part
WHERE NOT EXISTS (SELECT FROM pupil p WHERE (p.pupil_ref, p.cohort, p.vo_site) = (part.pupil_ref, part.cohort, part.vo_site))

-- name: transfer_of_erased_or_absorbed
SELECT pupil_ref AS subject, 'transfer data of somebody erased or absorbed' AS what FROM (
    SELECT pupil_ref FROM section UNION SELECT pupil_ref FROM information UNION SELECT pupil_ref FROM objection
    UNION SELECT pupil_ref FROM completeness UNION SELECT pupil_ref FROM care_reading) AS part
WHERE pupil_ref IN (SELECT pupil_ref FROM erased UNION SELECT absorbed FROM alias)

-- name: transfer_completeness_as_told
-- How far a dossier is kept to be is one of what was told last, under the reference of the pupil or an absorbed one.
SELECT c.pupil_ref AS subject, 'complete otherwise than was told' AS what FROM completeness c
WHERE NOT EXISTS (
    SELECT FROM (
        SELECT DISTINCT ON (subject) payload::jsonb AS told FROM event_log e
        WHERE e.type = 'dossier-completed' AND e.cohort = c.cohort AND payload::jsonb->>'vo_site' = c.vo_site
          AND e.subject IN (SELECT c.pupil_ref UNION ALL SELECT absorbed FROM alias WHERE survivor = c.pupil_ref)
        ORDER BY subject, event_id DESC) AS last
    WHERE NOT EXISTS (
        SELECT FROM jsonb_to_recordset(told->'parts') AS part (part text, status text)
        WHERE (part.status = 'open') <> (coalesce(c.parts->>part.part, 'open') IN ('open', 'in_progress'))))

-- name: items_of_parts
-- How far a pupil is counts what is there.
SELECT p.pupil_ref AS subject, p.part || ' counts ' || p.items || ' of ' || found.n AS what FROM career_part p,
LATERAL (SELECT (p.link IS NOT NULL)::int
    + (SELECT count(*) FROM career_entry e WHERE (e.pupil_ref, e.cohort, e.vo_site) = (p.pupil_ref, p.cohort, p.vo_site)
        AND (e.kind = 'plus') = (p.part = 'plus'))
    + (SELECT count(*) FROM pupil_file f WHERE (f.pupil_ref, f.cohort, f.vo_site) = (p.pupil_ref, p.cohort, p.vo_site)
        AND p.part = 'pupil') AS n) AS found
WHERE p.items <> found.n

-- name: own_without_pupil
SELECT own.pupil_ref AS subject, 'something of a pupil who is not there' AS what FROM (
    SELECT pupil_ref, cohort, vo_site FROM career_part UNION SELECT pupil_ref, cohort, vo_site FROM career_entry
    UNION SELECT pupil_ref, cohort, vo_site FROM pupil_file UNION SELECT pupil_ref, cohort, vo_site FROM career_reading
    UNION SELECT pupil_ref, cohort, vo_site FROM invitation) AS own
WHERE NOT EXISTS (SELECT FROM pupil p WHERE (p.pupil_ref, p.cohort, p.vo_site) = (own.pupil_ref, own.cohort, own.vo_site))

-- name: concern_as_told
-- A concern as stored is the one that was told last.
SELECT c.concern_id AS subject, 'stored as ' || c.status || ', told otherwise' AS what
FROM concern c LEFT JOIN (
    SELECT DISTINCT ON (payload::jsonb->>'concern_id') type, payload::jsonb AS told
    FROM event_log WHERE type IN ('concern-raised', 'concern-resolved')
    ORDER BY payload::jsonb->>'concern_id', event_id DESC) e ON told->>'concern_id' = c.concern_id
WHERE (e.type, told->>'reason', told->'route', told->>'resolution')
    IS DISTINCT FROM ('concern-' || CASE c.status WHEN 'open' THEN 'raised' ELSE 'resolved' END, c.reason,
        to_jsonb(c.route), c.resolution)

-- name: concern_without_pupil
SELECT concern_id AS subject, 'concern without its pupil' AS what FROM concern c
WHERE c.vo_site IS NOT NULL
  AND NOT EXISTS (SELECT FROM pupil p WHERE (p.pupil_ref, p.cohort, p.vo_site) = (c.pupil_ref, c.cohort, c.vo_site))

-- name: concern_note_of_another
-- Only who raised a concern, or is to hear it, wrote about it.
SELECT n.concern_id AS subject, 'note of an organisation that has nothing to do with it' AS what
FROM concern_note n JOIN concern c USING (concern_id)
WHERE n.organisation IS DISTINCT FROM c.organisation AND NOT coalesce(
    (n.organisation = c.vo_site AND c.route && ARRAY['mentor', 'decaan', 'care_coordinator'])
    OR (n.organisation = c.mbo_institution AND c.route && ARRAY['slber', 'intaker', 'intake_coordinator']), false)

-- name: erased_or_absorbed_in_concerns
SELECT pupil_ref AS subject, 'concern of somebody erased or absorbed' AS what FROM concern
WHERE pupil_ref IN (SELECT pupil_ref FROM erased UNION SELECT absorbed FROM alias)
