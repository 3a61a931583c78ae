-- Gauges of dossier, each named as its metric.

-- name: overstap_custody_missing
-- Expected longer than five minutes ago, and coordination has told of no transition (protocol: one child under two
-- references has one transition).
SELECT count(DISTINCT (p.pupil_ref, p.cohort)) FROM pupil p
WHERE NOT EXISTS (SELECT FROM told t WHERE t.entity = 'transition' AND t.subject = p.pupil_ref AND t.cohort = p.cohort)
  AND EXISTS (SELECT FROM event_log e WHERE e.subject = p.pupil_ref AND e.cohort = p.cohort
              AND e.type = 'pupil-expected' AND e.recorded_at < $1::timestamptz - interval '5 minutes')
  AND NOT EXISTS (SELECT FROM event_log l WHERE l.subject = p.pupil_ref AND l.type = 'pupil-linked')
