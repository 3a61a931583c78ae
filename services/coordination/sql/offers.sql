-- Offers of custody as their receivers read them.

-- name: open_offers
SELECT offer_id, pupil_ref, cohort, situation, basis, state, offered_at, answer_by, starts_on
FROM offer WHERE organisation = $1 AND state IN ('offered', 'in_effect') ORDER BY answer_by, offer_id LIMIT $2

-- name: offered_pupils
-- The same offers for people: the name of the pupil, who has the pupil, and by when an answer or a confirmation is due.
SELECT o.offer_id, o.pupil_ref, o.cohort, p.name, o.situation, o.basis, o.state, o.organisation, o.role, o.contact,
    o.starts_on, coalesce(a.due_at, o.answer_by) AS due_at,
    c.organisation AS holder, c.role AS holder_role, c.contact AS holder_contact,
    (SELECT coalesce(g.municipality, g.region) FROM organisation g WHERE g.code = o.organisation) AS place
FROM offer o JOIN transition t USING (pupil_ref, cohort) JOIN pupil p USING (pupil_ref)
JOIN custody c ON (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n)
LEFT JOIN action a ON (a.pupil_ref, a.cohort, a.about) = (o.pupil_ref, o.cohort, o.offer_id) AND a.open
WHERE o.organisation = $1 AND o.state IN ('offered', 'in_effect') ORDER BY due_at, p.name, o.offer_id LIMIT $2

-- name: count_open_offers
SELECT count(*) FROM offer WHERE organisation = $1 AND state IN ('offered', 'in_effect')

-- name: pupil_of_offer
SELECT pupil_ref FROM offer WHERE offer_id = $1 AND organisation = $2

-- name: offers_of
-- What offers of a transition ask for: of the last an answer, a confirmation or a day to come; and every return until it
-- lapses.
SELECT o.offer_id, o.organisation, o.role, o.contact, o.deputy, o.situation, o.basis, o.state, o.offered_at, o.answer_by,
    o.starts_on, o.ended_at, o.reason
FROM offer o
WHERE o.pupil_ref = $1 AND o.cohort = $2 AND (o.state IN ('offered', 'in_effect', 'returned', 'settled')
    OR o.state = 'accepted' AND NOT EXISTS (
            SELECT FROM offer l WHERE (l.pupil_ref, l.cohort) = (o.pupil_ref, o.cohort) AND l.n > o.n)
        AND NOT EXISTS (
            SELECT FROM custody c WHERE (c.pupil_ref, c.cohort) = (o.pupil_ref, o.cohort)
              AND c.since >= o.ended_at AND c.organisation = o.organisation))
ORDER BY o.n DESC

-- name: add_note
INSERT INTO custody_note (note_ref, pupil_ref, offer_id, organisation, at, role, person_ref, text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: notes_of
-- What the own organisation noted about a child, the newest first.
SELECT at, role, person_ref, text FROM custody_note
WHERE root_of(pupil_ref) = $1 AND organisation = $2 ORDER BY at DESC, note_ref
