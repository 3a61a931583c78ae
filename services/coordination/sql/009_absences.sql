-- What nobody who is present can take; and looking each day who is present, also where lists came in before that was done.

CREATE INDEX action_of_nobody ON action (opened_at) WHERE open AND contact IS NULL;

-- The next day after what this service has heard: from there each day asks for the one after it (`handlers/presence.py`).
INSERT INTO timer (kind, subject, key, due_at)
SELECT 'presence-day', 'directory', to_char(day, 'YYYY-MM-DD'), day AT TIME ZONE 'Europe/Amsterdam'
FROM (
    SELECT date_trunc('day', heard AT TIME ZONE 'Europe/Amsterdam') + interval '1 day' AS day
    FROM (SELECT coalesce((SELECT max(caught_up_at) FROM progress), (SELECT max(recorded_at) FROM event_log)) AS heard) AS h
) AS next
WHERE day IS NOT NULL AND EXISTS (SELECT FROM organisation)
  AND NOT EXISTS (SELECT FROM timer WHERE kind = 'presence-day');
