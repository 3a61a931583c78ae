-- What an institution decides here is a fact too, with the code of its reason; and since when it was known.
ALTER TABLE fact ADD reason text;
ALTER TABLE application ADD reason text, ADD arrived_at timestamptz;
UPDATE application a SET arrived_at = (
    SELECT min(f.arrived) FROM fact f WHERE f.application_id = a.application_id AND f.status = a.status AND f.at = a.status_at
);
