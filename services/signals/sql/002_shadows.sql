-- Enrolments, other routes and exam results; where an application lies, and whether nobody here knows whose it is.

ALTER TABLE fact DROP CONSTRAINT fact_kind_check,
    ADD CONSTRAINT fact_kind_check CHECK (kind IN ('residence', 'expected', 'choice', 'application', 'intake', 'enrolment',
        'route', 'exam', 'handover', 'risk', 'transition', 'alert')),
    ADD COLUMN place text,                              -- institution
    ADD COLUMN shadow boolean NOT NULL DEFAULT false;   -- known from the national chain alone

-- Of shadows there is a number, and no share of the expected pupils.
DO $$ DECLARE name text; BEGIN
    SELECT conname INTO STRICT name FROM pg_constraint
    WHERE conrelid = 'cell'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%expected%';
    EXECUTE format('ALTER TABLE cell DROP CONSTRAINT %I', name);
END $$;
ALTER TABLE cell ADD CHECK (value <> 'c' OR percentage = 'c' OR figure IN ('expected', 'not-linked'));
