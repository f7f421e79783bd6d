-- What is known of each transaction before the as-of date is.
-- takes:  typed, twins
-- yields: one row per raw row
SELECT
    typed.row_no, typed.transaction_id, typed.customer_id, typed.day, typed.amount, typed.meaning, typed.burn_day,
    typed.has_burn_text, typed.branch_id, twins.twin, twins.twin_row,
    CASE
        WHEN typed.own_reason IS NOT NULL THEN typed.own_reason
        WHEN twins.twin IN ('conflicting-duplicate', 'identical-duplicate') THEN twins.twin
    END AS early_reason
FROM typed LEFT JOIN twins ON twins.row_no = typed.row_no
