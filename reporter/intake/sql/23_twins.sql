-- Second pass, over the few repeated rows only: which of them are the same, which contradict each other.
-- takes:  typed, repeated_ids, repeated_lines, params
-- yields: one row per repeated sound row; twin = null for the first of its kind; twin_row: the row it repeats or contradicts
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
        row_no,
        layout,
        transaction_id IS NOT NULL AND (
            layout = 'shop'
            AND min(content) OVER (PARTITION BY transaction_id) <> max(content) OVER (PARTITION BY transaction_id)
            OR min(customer_id) OVER (PARTITION BY transaction_id) <> max(customer_id) OVER (PARTITION BY transaction_id)
        ) AS clashes,
        min(row_no) OVER (PARTITION BY content) AS first_alike,
        min(row_no) OVER (PARTITION BY transaction_id) AS first_row,
        max(row_no) OVER (PARTITION BY transaction_id) AS last_row
    FROM (
        SELECT
            typed.row_no, typed.transaction_id, typed.customer_id, params.layout,
            concat_ws(
                chr(31), coalesce(typed.transaction_id, ''), typed.customer_id, CAST(typed.moment AS STRING),
                coalesce(CAST(typed.amount AS STRING), ''), coalesce(typed.status_said, ''), coalesce(typed.coupon_name, ''),
                coalesce(CAST(typed.burn_day AS STRING), ''), coalesce(typed.branch_id, '')
            ) AS content
        FROM typed
        CROSS JOIN params
        LEFT JOIN repeated_ids ON repeated_ids.transaction_id = typed.transaction_id
        LEFT JOIN repeated_lines
            ON typed.transaction_id IS NULL
            AND repeated_lines.customer_id = typed.customer_id
            AND repeated_lines.moment = typed.moment
        WHERE typed.own_reason IS NULL
            AND (repeated_ids.transaction_id IS NOT NULL OR repeated_lines.customer_id IS NOT NULL)
    ) AS repeated
) AS compared
