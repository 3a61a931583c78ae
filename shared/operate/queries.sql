-- Queries of an operator, over the schemas of all services. {service}, {consumer} and {publisher} are names of services.

-- name: count
SELECT count(*) FROM ({rows}) AS rows

-- name: outbox
-- Pointers that the broker has not acknowledged. These and the next are rows to be counted, or looked for.
SELECT FROM {service}.outbox

-- name: timers
SELECT FROM {service}.timer WHERE due_at <= $1

-- name: behind
-- Streams of which a consumer has not heard everything, by number; {length} as `subject_length` tells.
SELECT FROM {publisher}.stream s LEFT JOIN {consumer}.heard h ON h.source = '{publisher}' AND h.subject = s.subject
WHERE s.last_sequence > coalesce(h.contiguous, 0) AND length(s.subject) >= {length}

-- name: next_timer
SELECT min(due_at) FROM {service}.timer WHERE due_at > $1

-- name: missing_events
-- Events of a publisher that a consumer never handled, by id: published, no longer waiting, and not in its inbox.
SELECT e.subject, e.type AS what FROM {publisher}.event_log e
WHERE e.topic = ANY($1::text[]) AND NOT EXISTS (SELECT FROM {consumer}.inbox i WHERE i.event_id = e.event_id)
  AND NOT EXISTS (SELECT FROM {publisher}.outbox o WHERE o.subject = e.subject AND o.sequence = e.sequence)
  AND NOT EXISTS (SELECT FROM {consumer}.quarantine q WHERE q.subject = e.subject AND q.state = 'open')
  AND length(e.subject) >= $2

-- name: broken_streams
-- Histories with a hole: the numbers of a subject must follow each other up to the last one dealt.
SELECT s.subject, 'history has a hole' AS what FROM {service}.stream s
JOIN (SELECT subject, count(*) AS n, min(sequence) AS first, max(sequence) AS last FROM {service}.event_log GROUP BY subject) e
  USING (subject)
WHERE e.last <> s.last_sequence OR e.n <> e.last - e.first + 1

-- name: tally
SELECT entrance, received, applied, unchanged, skipped, quarantined FROM {service}.tally ORDER BY entrance

-- name: pupils
-- Every pupil a school ever expected, and whether coordination opened a transition for them or knows them by another ref.
SELECT count(*) AS pupils_in, count(*) FILTER (WHERE accounted) AS accounted_for FROM (
    SELECT DISTINCT e.subject, e.cohort,
        EXISTS (SELECT FROM coordination.event_log t
                WHERE t.subject = e.subject AND t.cohort = e.cohort AND t.type = 'transition-opened')
        OR EXISTS (SELECT FROM dossier.event_log l
                   WHERE l.subject = e.subject AND l.type = 'pupil-linked') AS accounted
    FROM dossier.event_log e WHERE e.type = 'pupil-expected') AS expected

-- name: events_by_type
SELECT type, count(*) AS events FROM {service}.event_log GROUP BY type ORDER BY type

-- name: quarantined
SELECT count(*) FROM {service}.quarantine WHERE state = 'open'

-- name: braked
SELECT topic, since, reason FROM {service}.brake WHERE released_at IS NULL ORDER BY topic

-- name: roles_lacking
-- Of these roles, the ones that are not there or that the login is no member of.
SELECT coalesce(array_agg(wanted ORDER BY wanted), '{}') FROM unnest($1::text[]) AS wanted
WHERE NOT coalesce((SELECT pg_has_role(session_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = wanted), false)

-- name: newest_payload
SELECT payload FROM {service}.event_log WHERE topic = $1 AND payload <> '' ORDER BY recorded_at DESC LIMIT 1

-- name: unheard
-- Per topic: events of a publisher that were sent and that a consumer has not heard. The wall clock at which an event was
-- made is the first 48 bits of its id (UUIDv7).
SELECT e.topic, count(*) AS behind, min(e.recorded_at) AS since,
    (extract(epoch FROM clock_timestamp())
        - min(('x' || left(replace(e.event_id::text, '-', ''), 12))::bit(48)::bigint) / 1000.0)::float8 AS seconds
FROM {publisher}.event_log e LEFT JOIN {consumer}.heard h ON h.source = $1 AND h.subject = e.subject
WHERE e.topic = ANY($2::text[]) AND length(e.subject) >= $3
  AND e.sequence > coalesce(h.contiguous, 0) AND e.sequence <> ALL(coalesce(h.ahead, '{{}}'))
  AND NOT EXISTS (SELECT FROM {publisher}.outbox o WHERE o.subject = e.subject AND o.sequence = e.sequence)
GROUP BY e.topic

-- name: progress
-- Per topic this service read or was stopped at: until when all partitions were read, and whether the brake is on.
SELECT coalesce(p.topic, b.topic) AS topic, p.known_until, b.topic IS NOT NULL AS braked
FROM (SELECT topic, min(caught_up_at) AS known_until FROM {service}.progress GROUP BY topic) p
FULL JOIN {service}.brake b ON b.topic = p.topic

-- name: waits
SELECT (SELECT count(*) FROM {service}.outbox) AS outbox,
    (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(put_at)), 0)::float8 FROM {service}.outbox) AS outbox_seconds,
    (SELECT count(*) FROM {service}.heard WHERE gap_since IS NOT NULL) AS holes,
    (SELECT count(*) FROM {service}.quarantine WHERE state = 'open') AS quarantine

-- name: erasures
-- Everybody who was erased: what is left of them is the event that says so.
SELECT subject, min(recorded_at) AS recorded_at FROM {service}.event_log WHERE type = 'pupil-erased'
GROUP BY subject ORDER BY min(recorded_at), subject

-- name: erasure_events
-- Asked in the schema of the publisher.
SELECT subject, sequence, event_id, type, topic, recorded_at, payload FROM event_log
WHERE type = 'pupil-erased' AND topic = $1 ORDER BY recorded_at, subject, sequence

-- name: handled
-- Asked in the schema of the consumer.
SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[])

-- name: family
-- All references of the child that a reference is of; the one that survives goes first.
SELECT p.pupil_ref FROM coordination.pupil p
WHERE p.root = (SELECT root FROM coordination.pupil WHERE pupil_ref = $1)
ORDER BY p.pupil_ref <> p.root, p.pupil_ref

-- name: told_of
-- Everything a service ever told of these references, in the order in which it was recorded.
SELECT recorded_at, type, cohort, subject, payload FROM {service}.event_log
WHERE subject = ANY($1::text[]) ORDER BY recorded_at, event_id

-- name: children
-- Every child with a transition in a cohort, with all its references.
SELECT array_agg(p.pupil_ref ORDER BY p.pupil_ref) AS refs FROM coordination.pupil p
WHERE EXISTS (SELECT FROM coordination.transition t JOIN coordination.pupil q USING (pupil_ref)
              WHERE q.root = p.root AND t.cohort = $1)
GROUP BY p.root ORDER BY p.root

-- name: year_of
-- What a service told of these references about a cohort, or about every cohort.
SELECT event_id, subject, sequence, type, topic, recorded_at, payload FROM {service}.event_log
WHERE subject = ANY($1::text[]) AND cohort IN (0, $2) AND type = ANY($3::text[])
