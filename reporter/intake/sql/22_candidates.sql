-- The sound rows that share a key, with all that a row says as one text. Of an as-of date that the user said, nothing on or after it is looked at:
-- a row must not be rejected for what a later one says.
-- takes:  typed, repeated_keys, params
SELECT
    typed.row_no, typed.transaction_id, typed.customer_id, params.layout,
    concat_ws(
        chr(31), coalesce(typed.transaction_id, ''), typed.customer_id, CAST(typed.moment AS STRING),
        coalesce(CAST(typed.amount AS STRING), ''), coalesce(typed.remark, ''), coalesce(CAST(CASE WHEN params.until IS NULL OR typed.burn_day < CAST(params.until AS DATE) THEN typed.burn_day END AS STRING), ''),
        coalesce(typed.branch_id, '')
    ) AS content
FROM typed
INNER JOIN repeated_keys ON repeated_keys.line_key = typed.line_key
CROSS JOIN params
WHERE typed.own_reason IS NULL AND (params.until IS NULL OR typed.moment < CAST(params.until AS DATE))
