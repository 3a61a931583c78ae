-- What must never be in signals; every row is a violation.

-- name: nothing_of_an_erased_pupil
SELECT subject, 'fact of an erased pupil: ' || kind AS what FROM fact JOIN erased ON pupil_ref = subject

-- name: no_small_group_is_left
-- What is left of the expected pupils beside a figure is a group as well.
SELECT s.snapshot_id AS subject, c.figure || ' of ' || c.track_group || ' leaves a small group' AS what
FROM snapshot s JOIN cell e ON e.snapshot_id = s.snapshot_id AND e.figure = 'expected' AND e.value ~ '^[0-9]+$'
JOIN cell c ON c.snapshot_id = s.snapshot_id AND c.track_group = e.track_group AND c.value ~ '^[0-9]+$'
    AND c.figure <> 'not-linked'
WHERE e.value::int - c.value::int BETWEEN 1 AND 5 OR e.value::int < c.value::int

-- name: no_hidden_cell_can_be_computed
-- A total with one hidden column tells it; with all columns shown it is their sum.
SELECT snapshot_id AS subject, figure || ' can be computed, or does not add up' AS what FROM cell
GROUP BY snapshot_id, figure
HAVING bool_or(track_group = 'all' AND value ~ '^[0-9]+$')
    AND (count(*) FILTER (WHERE value = 'c') = 1
         OR count(*) FILTER (WHERE value = 'c') = 0
            AND sum(CASE WHEN value !~ '^[0-9]+$' THEN 0 WHEN track_group = 'all' THEN -value::int ELSE value::int END) <> 0)
UNION ALL
SELECT snapshot_id, figure || ' has a hidden total of columns that are all shown' FROM cell
GROUP BY snapshot_id, figure
HAVING bool_or(track_group = 'all' AND value = 'c') AND count(*) FILTER (WHERE value = 'c') = 1

-- name: no_small_move_between_snapshots
SELECT later.snapshot_id AS subject, c.figure || ' of ' || c.track_group || ' moved by a small number' AS what
FROM snapshot earlier JOIN snapshot later ON later.cohort = earlier.cohort AND later.region = earlier.region
    AND later.reference_date > earlier.reference_date
JOIN cell b ON b.snapshot_id = earlier.snapshot_id AND b.value ~ '^[0-9]+$'
JOIN cell c ON c.snapshot_id = later.snapshot_id AND c.figure = b.figure AND c.track_group = b.track_group
    AND c.value ~ '^[0-9]+$'
WHERE abs(c.value::int - b.value::int) BETWEEN 1 AND 5

-- name: a_snapshot_is_whole
-- Every region of a day has the same cells as the others.
SELECT s.snapshot_id AS subject, 'cells: ' || count(c.*) AS what FROM snapshot s LEFT JOIN cell c USING (snapshot_id)
GROUP BY s.snapshot_id
HAVING count(c.*) <> (
    SELECT max(n) FROM (
        SELECT count(*) AS n FROM cell JOIN snapshot o USING (snapshot_id)
        WHERE (o.cohort, o.reference_date) = (s.cohort, s.reference_date) GROUP BY o.snapshot_id) AS sizes)
