-- Every rejected row of every table, with the cell that its reason is about.
-- takes:  judged, entries_judged, raw_transactions
SELECT
    'transactions' AS table_name, judged.row_no, judged.reason, judged.twin_row,
    CASE judged.reason
        WHEN 'summary-line' THEN raw.first_cell
        WHEN 'ragged-line' THEN raw.first_cell
        WHEN 'repeated-header' THEN raw.customer_id
        WHEN 'rounded-id' THEN raw.customer_id
        WHEN 'ignored-status' THEN raw.transaction_status
        WHEN 'bad-date' THEN raw.transaction_date
        WHEN 'implausible-date' THEN raw.transaction_date
        WHEN 'after-as-of' THEN raw.transaction_date
        WHEN 'bad-amount' THEN coalesce(raw.amount, raw.quantity || ' x ' || raw.unit_price)
        WHEN 'other-currency' THEN concat_ws(' ', coalesce(raw.amount, raw.unit_price), raw.currency)
        WHEN 'refund-excluded' THEN coalesce(raw.amount, raw.quantity || ' x ' || raw.unit_price)
        WHEN 'identical-duplicate' THEN raw.transaction_id
        WHEN 'conflicting-duplicate' THEN raw.transaction_id
    END AS cell
FROM judged INNER JOIN raw_transactions AS raw ON raw.row_no = judged.row_no
WHERE judged.reason IS NOT NULL
UNION ALL
SELECT table_name, row_no, reason, twin_row, CASE WHEN reason IN ('summary-line', 'ragged-line') THEN first_cell ELSE id END
FROM entries_judged
WHERE reason IS NOT NULL
