-- The sound rows that share a key, with all that a row says as one text.
-- takes:  typed, repeated_keys, params
SELECT
    typed.row_no, typed.transaction_id, typed.customer_id, params.layout,
    concat_ws(
        chr(31), coalesce(typed.transaction_id, ''), typed.customer_id, CAST(typed.moment AS VARCHAR),
        coalesce(CAST(typed.amount AS VARCHAR), ''), coalesce(typed.remark, ''), coalesce(CAST(typed.burn_day AS VARCHAR), ''),
        coalesce(typed.branch_id, '')
    ) AS content
FROM typed
INNER JOIN repeated_keys ON repeated_keys.line_key = typed.line_key
CROSS JOIN params
WHERE typed.own_reason IS NULL
