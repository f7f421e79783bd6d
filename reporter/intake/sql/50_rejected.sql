-- Every rejected row of every table, with the cell that its reason is about; place: our column that holds it, where the reason alone
-- does not tell (first_cell: whatever column comes first).
-- takes:  judged, entries_judged, raw_transactions
SELECT
    'transactions' AS table_name, judged.row_no, judged.reason, judged.twin_row,
    CASE judged.reason
        WHEN 'summary-line' THEN CASE
            WHEN says_total(raw.first_cell) THEN raw.first_cell
            WHEN says_total(raw.transaction_id) THEN raw.transaction_id
            ELSE raw.customer_id
        END
        WHEN 'ragged-line' THEN raw.first_cell
        WHEN 'repeated-header' THEN raw.customer_id
        WHEN 'rounded-id' THEN raw.customer_id
        WHEN 'ignored-status' THEN raw.transaction_status
        WHEN 'bad-date' THEN raw.transaction_date
        WHEN 'implausible-date' THEN raw.transaction_date
        WHEN 'after-as-of' THEN raw.transaction_date
        WHEN 'bad-amount' THEN coalesce(raw.amount, raw.quantity || ' x ' || raw.unit_price)
        WHEN 'other-currency' THEN CASE
            WHEN said_currency(coalesce(raw.amount, raw.unit_price)) IS NULL THEN raw.currency
            ELSE coalesce(raw.amount, raw.unit_price)
        END
        WHEN 'refund-excluded' THEN coalesce(raw.amount, raw.quantity || ' x ' || raw.unit_price)
        WHEN 'identical-duplicate' THEN raw.transaction_id
        WHEN 'conflicting-duplicate' THEN raw.transaction_id
    END AS cell,
    CASE judged.reason
        WHEN 'summary-line' THEN CASE
            WHEN says_total(raw.first_cell) THEN 'first_cell'
            WHEN says_total(raw.transaction_id) THEN 'transaction_id'
            ELSE 'customer_id'
        END
        WHEN 'ragged-line' THEN 'first_cell'
        WHEN 'repeated-header' THEN 'customer_id'
        WHEN 'other-currency' THEN CASE
            WHEN said_currency(coalesce(raw.amount, raw.unit_price)) IS NULL THEN 'currency'
            WHEN raw.amount IS NULL THEN 'unit_price'
        END
    END AS place
FROM judged INNER JOIN raw_transactions AS raw ON raw.row_no = judged.row_no
WHERE judged.reason IS NOT NULL
UNION ALL
SELECT
    table_name, row_no, reason, twin_row,
    CASE WHEN reason IN ('summary-line', 'ragged-line') THEN coalesce(first_cell, id) ELSE id END,
    CASE WHEN reason IN ('summary-line', 'ragged-line') AND first_cell IS NOT NULL THEN 'first_cell' END
FROM entries_judged
WHERE reason IS NOT NULL
