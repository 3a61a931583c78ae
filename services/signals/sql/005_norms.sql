-- What regions agreed to reach, every version as it was told; the newest of those that hold on a day is the one.
CREATE TABLE norms (
    region text NOT NULL,
    sequence bigint NOT NULL,
    version text NOT NULL,
    valid_from date NOT NULL,
    norms jsonb NOT NULL,                    -- figure, percentage, and day (MM-DD; null: the application date)
    PRIMARY KEY (region, sequence)
);

GRANT SELECT ON norms TO {{service}}_web;
REVOKE UPDATE, DELETE ON norms FROM {{service}}_worker;
