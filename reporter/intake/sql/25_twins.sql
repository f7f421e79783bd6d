-- Third pass, over the few rows that clash or are alike: which of them are the same, which contradict each other.
-- takes:  candidates, clashes, alike
-- yields: one row per such row; twin = null for the first of its kind; twin_row: the row it repeats or contradicts
SELECT
    row_no,
    CASE
        WHEN clashes THEN 'conflicting-duplicate'
        WHEN row_no > first_alike AND layout = 'shop' THEN 'identical-duplicate'
        WHEN row_no > first_alike THEN 'identical-line'
    END AS twin,
    CASE WHEN NOT clashes THEN first_alike WHEN row_no > first_row THEN first_row ELSE last_row END AS twin_row
FROM (
    SELECT
        candidates.row_no,
        candidates.layout,
        clashes.transaction_id IS NOT NULL AS clashes,
        min(candidates.row_no) OVER (PARTITION BY candidates.content) AS first_alike,
        min(candidates.row_no) OVER (PARTITION BY candidates.transaction_id) AS first_row,
        max(candidates.row_no) OVER (PARTITION BY candidates.transaction_id) AS last_row
    FROM candidates
    LEFT JOIN clashes ON clashes.transaction_id = candidates.transaction_id
    LEFT JOIN alike ON alike.content_key = hash_of(candidates.content)
    WHERE clashes.transaction_id IS NOT NULL OR alike.content_key IS NOT NULL
) AS compared
