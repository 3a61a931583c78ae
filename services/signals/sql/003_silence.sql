-- Organisations of which nothing is heard: under their code, a fact for each time that it began or ended.
ALTER TABLE fact DROP CONSTRAINT fact_kind_check;
ALTER TABLE fact ADD CONSTRAINT fact_kind_check CHECK (kind IN ('residence', 'expected', 'choice', 'application', 'intake',
    'enrolment', 'handover', 'risk', 'transition', 'alert', 'route', 'exam', 'silence'));
