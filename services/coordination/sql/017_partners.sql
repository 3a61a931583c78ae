-- Organisations are looked at one by one: what each has to do with pupils is found by its code, however many are on
-- their way.

CREATE INDEX transition_teller ON transition (coalesce(live[1], origin), region) WHERE open;
CREATE INDEX transition_residence ON transition (residence, region) WHERE open;
-- Without a list of what is still to be put in, which every look would read through.
CREATE INDEX transition_live ON transition USING gin (live) WITH (fastupdate = off) WHERE open;

ALTER TABLE partner ADD COLUMN awaited boolean NOT NULL DEFAULT false; -- whether silence was watched at the last look
