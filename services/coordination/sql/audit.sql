-- Violations of the promise; each query returns (subject, what) and is empty when all is well. A query that names $1
-- takes the present business time (timestamptz).

-- name: no_custodian_or_next_action
SELECT t.pupil_ref AS subject, 'open without custodian or without open next action, cohort ' || t.cohort AS what
FROM transition t
WHERE t.open AND (
    NOT EXISTS (SELECT FROM custody c WHERE (c.pupil_ref, c.cohort, c.n) = (t.pupil_ref, t.cohort, t.custody_n))
    OR NOT EXISTS (SELECT FROM action a WHERE a.action_id = t.next_action AND a.open
                   AND (a.pupil_ref, a.cohort) = (t.pupil_ref, t.cohort)))

-- name: next_is_not_the_earliest
SELECT t.pupil_ref AS subject, 'next action is not the earliest due, cohort ' || t.cohort AS what
FROM transition t JOIN action n ON n.action_id = t.next_action
WHERE EXISTS (SELECT FROM action a WHERE a.open AND (a.pupil_ref, a.cohort) = (t.pupil_ref, t.cohort)
              AND (a.due_at, -a.severity, a.action_id COLLATE "C") < (n.due_at, -n.severity, n.action_id COLLATE "C"))

-- name: overdue_and_not_escalated
-- Escalating moves the due instant, so an open action that is still due in the past was forgotten.
SELECT pupil_ref AS subject, 'action ' || action_id || ' was due ' || late_at || ' and did not escalate' AS what
FROM action WHERE open AND late_at < $1::timestamptz - interval '15 minutes'

-- name: custody_chain
SELECT pupil_ref AS subject, 'custody ' || n || ' does not begin where ' || n - 1 || ' ends, cohort ' || cohort AS what
FROM (
    SELECT pupil_ref, cohort, n, since, prev_since, lag(n) OVER w AS n_before, lag(since) OVER w AS since_before
    FROM custody WINDOW w AS (PARTITION BY pupil_ref, cohort ORDER BY n)
) chain
WHERE n <> coalesce(n_before, 0) + 1 OR prev_since IS DISTINCT FROM since_before OR since < since_before

-- name: custodian_is_not_the_last
SELECT t.pupil_ref AS subject, 'custodian is not the last of the chain, cohort ' || t.cohort AS what
FROM transition t JOIN (SELECT pupil_ref, cohort, max(n) AS last FROM custody GROUP BY pupil_ref, cohort) c
    USING (pupil_ref, cohort)
WHERE t.custody_n <> c.last

-- name: absorbed_with_open_transition
SELECT t.pupil_ref AS subject, 'absorbed by another reference and still open, cohort ' || t.cohort AS what
FROM transition t JOIN pupil p USING (pupil_ref) WHERE t.open AND p.root <> p.pupil_ref

-- name: child_with_two_transitions
SELECT p.root AS subject, count(*) || ' open transitions, cohort ' || t.cohort AS what
FROM transition t JOIN pupil p USING (pupil_ref) WHERE t.open GROUP BY p.root, t.cohort HAVING count(*) > 1

-- name: expected_without_transition
SELECT f.pupil_ref AS subject, 'expected and without transition, ' || f.entity AS what
FROM fact f JOIN pupil p USING (pupil_ref)
WHERE f.type = 'pupil-expected' AND NOT EXISTS (
    SELECT FROM transition t WHERE t.pupil_ref = p.root AND t.cohort = (f.body ->> 'cohort')::smallint)

-- name: closed_with_open_actions
SELECT t.pupil_ref AS subject, 'closed with open action ' || a.action_id AS what
FROM transition t JOIN action a USING (pupil_ref, cohort) WHERE NOT t.open AND a.open

-- name: erased_with_rows
SELECT p.pupil_ref AS subject, 'erased and still present' AS what FROM pupil p
WHERE p.erased AND (p.name IS NOT NULL OR EXISTS (SELECT FROM fact WHERE pupil_ref = p.pupil_ref)
    OR EXISTS (SELECT FROM transition WHERE pupil_ref = p.pupil_ref)
    OR EXISTS (SELECT FROM custody WHERE pupil_ref = p.pupil_ref)
    OR EXISTS (SELECT FROM offer WHERE pupil_ref = p.pupil_ref)
    OR EXISTS (SELECT FROM custody_note WHERE pupil_ref = p.pupil_ref)
    OR EXISTS (SELECT FROM action WHERE pupil_ref = p.pupil_ref)
    OR EXISTS (SELECT FROM risk WHERE pupil_ref = p.pupil_ref))

-- name: position_not_decided
-- A transition whose position had to be decided, and was not.
SELECT pupil_ref AS subject, 'position was to be decided ' || weigh_at || ', cohort ' || cohort AS what
FROM transition WHERE weigh_at < $1::timestamptz - interval '15 minutes'

-- name: position_behind_its_facts
-- An application that lives and of which nothing else was told makes the position at least `applied`.
SELECT DISTINCT t.pupil_ref AS subject, 'has a live application and is ' || t.position || ', cohort ' || t.cohort AS what
FROM transition t JOIN pupil p ON p.root = t.pupil_ref JOIN fact f ON f.pupil_ref = p.pupil_ref
WHERE t.open AND t.waiting_since IS NULL AND t.position IN ('lost', 'none', 'chosen', 'other_route')
  AND f.type = 'application-status-changed' AND (f.body ->> 'cohort')::smallint = t.cohort
  AND f.body ->> 'status' NOT IN ('rejected', 'withdrawn')
  AND NOT EXISTS (
    SELECT FROM fact o JOIN pupil q USING (pupil_ref) WHERE q.root = p.root AND o.entity <> f.entity
      AND split_part(o.entity, ':', 2) = split_part(f.entity, ':', 2))
  AND NOT EXISTS (
    SELECT FROM fact o JOIN pupil q USING (pupil_ref) WHERE q.root = p.root AND o.entity = f.entity
      AND o.pupil_ref <> f.pupil_ref)

-- name: shadow_with_transition
-- Whom nobody here knows has no custodian and no action.
SELECT t.pupil_ref AS subject, 'a shadow with an open transition, cohort ' || t.cohort AS what
FROM transition t WHERE t.open
  AND EXISTS (SELECT FROM fact f JOIN pupil p USING (pupil_ref) WHERE p.root = t.pupil_ref)
  AND NOT EXISTS (
    SELECT FROM fact f JOIN pupil p USING (pupil_ref)
    WHERE p.root = t.pupil_ref AND NOT coalesce((f.body ->> 'shadow')::boolean, false))

-- name: open_after_death
SELECT t.pupil_ref AS subject, 'the pupil has died, and the transition is open' AS what
FROM transition t JOIN pupil p ON p.root = t.pupil_ref JOIN fact f ON f.pupil_ref = p.pupil_ref
WHERE t.open AND f.type = 'other-route-registered' AND f.body ->> 'route' = 'deceased' AND f.body ->> 'status' <> 'withdrawn'
  AND (f.body ->> 'cohort')::smallint = t.cohort AND f.pupil_ref = p.root
  AND (f.body ->> 'until' IS NULL OR (f.body ->> 'until')::date > $1::timestamptz)

-- name: statutory_offer_without_effect
-- On its day a statutory offer takes effect without an answer.
SELECT o.pupil_ref AS subject, 'offer ' || o.n || ' had to take effect on ' || o.starts_on || ', cohort ' || o.cohort AS what
FROM offer o JOIN transition t USING (pupil_ref, cohort)
WHERE t.open AND o.basis = 'statutory' AND o.state IN ('offered', 'accepted')
  AND o.starts_on::timestamp AT TIME ZONE 'Europe/Amsterdam' < $1::timestamptz - interval '15 minutes'
  AND NOT EXISTS (SELECT FROM custody c WHERE (c.pupil_ref, c.cohort) = (o.pupil_ref, o.cohort)
                  AND c.since >= o.ended_at AND c.organisation = o.organisation)

-- name: offer_without_action
-- Who is offered a pupil is asked for an answer, also past the day on which it was due; what took effect unanswered is
-- confirmed, what came back is settled.
SELECT o.pupil_ref AS subject, 'offer ' || o.n || ' is ' || o.state || ' and asks nothing of anybody, cohort ' || o.cohort AS what
FROM offer o JOIN transition t USING (pupil_ref, cohort)
WHERE t.open AND o.state IN ('offered', 'in_effect', 'returned')
  AND NOT EXISTS (SELECT FROM action a WHERE (a.pupil_ref, a.cohort) = (o.pupil_ref, o.cohort) AND a.open
                  AND a.about = o.offer_id)

-- name: closed_with_open_offer
SELECT o.pupil_ref AS subject, 'closed with offer ' || o.n || ', cohort ' || o.cohort AS what
FROM offer o JOIN transition t USING (pupil_ref, cohort) WHERE NOT t.open AND o.state IN ('offered', 'in_effect', 'returned')

-- name: several_offers
SELECT pupil_ref AS subject, count(*) || ' offers of custody at once, cohort ' || cohort AS what
FROM offer WHERE state IN ('offered', 'in_effect') GROUP BY pupil_ref, cohort HAVING count(*) > 1

-- name: custody_not_decided
-- It had to be decided again who should have the pupil, and was not.
SELECT pupil_ref AS subject, 'custody was to be decided ' || follow_at || ', cohort ' || cohort AS what
FROM transition WHERE follow_at < $1::timestamptz - interval '15 minutes'

-- name: task_overdue_and_not_escalated
SELECT organisation AS subject, 'task ' || task_id || ' was due ' || late_at || ' and did not escalate' AS what
FROM task WHERE open AND late_at < $1::timestamptz - interval '15 minutes'

-- name: silent_task_of_who_speaks
SELECT t.organisation AS subject, 'asked why nothing is heard, and it speaks' AS what
FROM task t JOIN partner p USING (organisation) WHERE t.open AND t.kind = 'silent-partner' AND p.silent_since IS NULL

-- name: told_and_forgotten
-- Of whom something is stored, or who was erased, stays known by reference.
SELECT ref AS subject, 'something is known, and the reference is not' AS what FROM (
    SELECT pupil_ref AS ref FROM fact UNION SELECT pupil_ref FROM transition
    UNION SELECT subject FROM event_log WHERE type = 'erasure-confirmed') told
WHERE NOT EXISTS (SELECT FROM pupil p WHERE p.pupil_ref = told.ref)
