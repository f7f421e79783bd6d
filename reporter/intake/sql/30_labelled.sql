-- What is known of each transaction before the as-of date is.
-- takes:  typed, twins, repeated_keys
-- yields: one row per raw row; is_shared: its id may stand on other rows too
SELECT
    typed.row_no, typed.transaction_id, typed.customer_id, CAST(typed.moment AS DATE) AS day, typed.amount, typed.says_refund,
    typed.says_burned, typed.says_nothing, typed.burn_day, typed.has_burn_text, typed.branch_id, twins.twin, twins.twin_row,
    typed.transaction_id IS NOT NULL AND repeated_keys.line_key IS NOT NULL AS is_shared,
    CASE
        WHEN typed.own_reason IS NOT NULL THEN typed.own_reason
        WHEN twins.twin IN ('conflicting-duplicate', 'identical-duplicate') THEN twins.twin
    END AS early_reason
FROM typed
LEFT JOIN twins ON twins.row_no = typed.row_no
LEFT JOIN repeated_keys ON repeated_keys.line_key = typed.line_key
