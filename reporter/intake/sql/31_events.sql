-- How many events each day has seen: claims or orders, and burns.
-- takes:  labelled
SELECT day, count(*) AS events
FROM (
    SELECT day FROM labelled WHERE early_reason IS NULL
    UNION ALL
    SELECT burn_day FROM labelled WHERE early_reason IS NULL AND burn_day IS NOT NULL
) AS happened
GROUP BY day
ORDER BY day
