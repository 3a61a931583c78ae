-- Queries of the transport. Each is run in the schema of one service.

-- name: make_streams
-- A stream for each subject that has none yet.
INSERT INTO stream (subject) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING

-- name: lock_streams
-- Lock streams in subject order: events of one pupil leave in order, and no two transactions wait for each other.
SELECT subject, last_sequence FROM stream WHERE subject = ANY($1::text[]) ORDER BY subject FOR UPDATE

-- name: advance_streams
UPDATE stream SET last_sequence = new.last_sequence
FROM unnest($1::text[], $2::bigint[]) AS new (subject, last_sequence) WHERE stream.subject = new.subject

-- name: append_events
INSERT INTO event_log (subject, sequence, cohort, event_id, type, topic, recorded_at, payload, traceparent)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::smallint[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[],
    $8::text[], $9::text[])

-- name: point_outbox
INSERT INTO outbox (subject, sequence, cohort)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::smallint[])

-- name: set_timers
INSERT INTO timer (kind, subject, key, due_at, date_rule, traceparent)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::boolean[], $6::text[])
ON CONFLICT (kind, subject, key) DO UPDATE SET due_at = excluded.due_at, date_rule = excluded.date_rule,
    traceparent = excluded.traceparent

-- name: due_timers
-- Candidates only: they are taken after the streams of their subjects are locked.
SELECT kind, subject, key, due_at, date_rule FROM timer
WHERE due_at <= $1 AND (NOT date_rule OR due_at <= $2) ORDER BY due_at, kind, subject, key LIMIT $3

-- name: take_timers
DELETE FROM timer USING unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS due (kind, subject, key, due_at)
WHERE timer.kind = due.kind AND timer.subject = due.subject AND timer.key = due.key AND timer.due_at = due.due_at
RETURNING timer.kind, timer.subject, timer.key, timer.due_at, timer.date_rule, timer.traceparent

-- name: next_to_send
-- Always from the lowest pointer, never past a remembered position: a lower number may commit later.
-- Pointer by pointer: a plain join reads the whole history for every block, as soon as much waits.
SELECT o.seq, o.subject, o.sequence, e.event_id, e.type, e.topic, e.recorded_at, e.payload, e.traceparent
FROM outbox o CROSS JOIN LATERAL (
    SELECT event_id, type, topic, recorded_at, payload, traceparent FROM event_log
    WHERE (subject, sequence, cohort) = (o.subject, o.sequence, o.cohort) LIMIT 1
) e ORDER BY o.seq LIMIT $1

-- name: drop_pointers
DELETE FROM outbox WHERE seq = ANY($1::bigint[])

-- name: outbox_age
SELECT count(*) AS waiting, coalesce(extract(epoch FROM clock_timestamp() - min(put_at)), 0)::float8 AS seconds FROM outbox

-- name: republish
-- Point at the whole history again, oldest first, every subject in its own order: what was recorded later may have been
-- caused by something older. Erased pupils have no history left.
INSERT INTO outbox (subject, sequence, cohort)
SELECT subject, sequence, cohort FROM event_log
ORDER BY max(recorded_at) OVER (PARTITION BY subject ORDER BY sequence), subject, sequence

-- name: resend
-- Point again at parts of streams, unless they are already waiting.
INSERT INTO outbox (subject, sequence, cohort)
SELECT DISTINCT e.subject, e.sequence, e.cohort
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS wanted (subject, first, last)
JOIN event_log e ON e.subject = wanted.subject AND e.sequence BETWEEN wanted.first AND wanted.last
WHERE NOT EXISTS (SELECT FROM outbox o WHERE o.subject = e.subject AND o.sequence = e.sequence)
ORDER BY e.subject, e.sequence

-- name: heads
-- How far each stream has come; one that still waits to be sent is not told yet.
SELECT subject, last_sequence FROM stream s
WHERE last_sequence > 0 AND NOT EXISTS (SELECT FROM outbox o WHERE o.subject = s.subject) ORDER BY subject

-- name: claim
-- Of these events, the ones that were never handled before.
INSERT INTO inbox (event_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id

-- name: heard
SELECT source, subject, contiguous, ahead, head FROM heard
WHERE (source, subject) IN (SELECT * FROM unnest($1::text[], $2::text[])) FOR UPDATE

-- name: save_heard
INSERT INTO heard (source, subject, contiguous, ahead, gap_since)
SELECT source, subject, contiguous, ahead::bigint[], CASE WHEN gap THEN clock_timestamp() END
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::boolean[]) AS new (source, subject, contiguous, ahead, gap)
ON CONFLICT (source, subject) DO UPDATE SET contiguous = excluded.contiguous, ahead = excluded.ahead,
    gap_since = CASE WHEN excluded.gap_since IS NULL THEN NULL ELSE coalesce(heard.gap_since, excluded.gap_since) END

-- name: heard_heads
-- What a publisher says it has reached; a hole at the end shows as contiguous < head.
INSERT INTO heard (source, subject, head, gap_since)
SELECT $1, subject, head, clock_timestamp() FROM unnest($2::text[], $3::bigint[]) AS new (subject, head)
ON CONFLICT (source, subject) DO UPDATE SET head = greatest(heard.head, excluded.head),
    gap_since = CASE WHEN heard.contiguous < excluded.head THEN coalesce(heard.gap_since, clock_timestamp())
                     ELSE heard.gap_since END
WHERE heard.head < excluded.head OR heard.contiguous < excluded.head

-- name: gaps
-- Streams in which something has been missing for a while; asked again after as long a while.
UPDATE heard SET gap_since = clock_timestamp()
WHERE (source, subject) IN (
    SELECT source, subject FROM heard WHERE gap_since < clock_timestamp() - make_interval(secs => $1)
    ORDER BY gap_since LIMIT $2)
RETURNING source, subject, contiguous, ahead, head

-- name: count_fates
INSERT INTO tally (entrance, received, applied, unchanged, skipped, quarantined) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (entrance) DO UPDATE SET received = tally.received + excluded.received,
    applied = tally.applied + excluded.applied, unchanged = tally.unchanged + excluded.unchanged,
    skipped = tally.skipped + excluded.skipped, quarantined = tally.quarantined + excluded.quarantined

-- name: quarantine
INSERT INTO quarantine (id, entrance, place, organisation, subject, reason, faults, headers, payload, received_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::jsonb[],
    $9::bytea[], $10::timestamptz[])
ON CONFLICT (id) DO NOTHING

-- name: open_quarantine
SELECT id, entrance, place, organisation, subject, reason, faults, headers, payload, received_at FROM quarantine
WHERE state = 'open' AND ($1::uuid IS NULL OR id = $1) ORDER BY received_at, id LIMIT $2

-- name: close_quarantine
UPDATE quarantine SET state = $2, closed_reason = $3 WHERE id = $1 AND state = 'open' RETURNING id

-- name: brake
SELECT released_at FROM brake WHERE topic = $1

-- name: brakes
SELECT topic FROM brake WHERE released_at IS NULL

-- name: put_brake
INSERT INTO brake (topic, since, reason) VALUES ($1, $2, $3)
ON CONFLICT (topic) DO UPDATE SET since = excluded.since, reason = excluded.reason, released_at = NULL
WHERE brake.released_at IS NOT NULL

-- name: release_brake
-- What was sent until now has been looked at: it goes to quarantine and does not put the brake on again.
UPDATE brake SET released_at = clock_timestamp() WHERE topic = $1 AND released_at IS NULL RETURNING topic

-- name: save_progress
INSERT INTO progress (topic, partition, caught_up_at)
SELECT * FROM unnest($1::text[], $2::int[], $3::timestamptz[])
ON CONFLICT (topic, partition) DO UPDATE SET caught_up_at = greatest(progress.caught_up_at, excluded.caught_up_at)

-- name: caught_up_at
-- Until which business time every partition this service listens to was read; NULL while one was never read.
SELECT CASE WHEN count(*) >= $1 THEN min(caught_up_at) END FROM progress

-- name: erase_subject
-- Forget a pupil in the transport: history, what still had to be sent, quarantine and timers; the stream's count stays.
SELECT erase_subject($1)

-- name: keep_upload
INSERT INTO upload (organisation, person_ref, upload_id, kind, content) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (organisation, person_ref) DO UPDATE SET upload_id = excluded.upload_id, kind = excluded.kind,
    content = excluded.content

-- name: upload
SELECT kind, content FROM upload WHERE organisation = $1 AND person_ref = $2 AND upload_id = $3

-- name: drop_uploads
DELETE FROM upload USING unnest($1::text[], $2::text[]) AS gone (organisation, person_ref)
WHERE upload.organisation = gone.organisation AND upload.person_ref = gone.person_ref

-- name: standing
-- What a service's worker is judged by: what waits to be sent and how long, what was stopped, what waits for a person.
SELECT o.waiting, o.seconds AS outbox_seconds, (SELECT count(*) FROM brake WHERE released_at IS NULL) AS brakes,
    (SELECT count(*) FROM quarantine WHERE state = 'open') AS quarantined,
    (SELECT coalesce(sum(received), 0)::bigint FROM tally) AS received,
    (SELECT count(*) FROM heard WHERE gap_since IS NOT NULL) AS gaps,
    (SELECT count(*) FROM timer WHERE due_at <= $1) AS timers_late
FROM (SELECT count(*) AS waiting,
          coalesce(extract(epoch FROM clock_timestamp() - min(put_at)), 0)::float8 AS seconds FROM outbox) AS o
