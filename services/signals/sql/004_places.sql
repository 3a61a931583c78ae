-- Which school expects a pupil, of whom that was told before it was kept: else nobody misses these pupils when their
-- school falls silent. It stands in the very event that the fact is made of.
DO $$ BEGIN
    IF to_regclass('dossier.event_log') IS NOT NULL THEN
        UPDATE fact SET place = e.payload::jsonb ->> 'vo_site' FROM dossier.event_log e
        WHERE fact.kind = 'expected' AND fact.place IS NULL AND e.type = 'pupil-expected'
          AND (e.subject, e.sequence) = (fact.subject, fact.sequence);
    END IF;
END $$;
