-- Rows of each table that were rejected, rejected more than once, flagged, and both, each counted by itself.
-- takes:  findings
SELECT
    table_name,
    count(CASE WHEN rejections > 0 THEN 1 END) AS rejected,
    count(CASE WHEN rejections > 1 THEN 1 END) AS rejected_again,
    count(CASE WHEN flags > 0 THEN 1 END) AS flagged,
    count(CASE WHEN rejections > 0 AND flags > 0 THEN 1 END) AS rejected_and_flagged
FROM (
    SELECT
        table_name, row_no, count(CASE WHEN kind = 'rejected' THEN 1 END) AS rejections, count(CASE WHEN kind = 'flagged' THEN 1 END) AS flags
    FROM findings
    GROUP BY table_name, row_no
) AS counted
GROUP BY table_name
