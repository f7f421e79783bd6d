-- Each finding with the cell that its reason is about; place: our column that holds it, where the reason alone does not tell
-- (first_cell: whatever column comes first).
-- takes:  findings, entries_judged, raw_transactions
SELECT
    found.kind, found.table_name, found.row_no, found.reason, found.twin_row, found.nth,
    CASE found.reason
        WHEN 'summary-line' THEN CASE
            WHEN says_total(raw.first_cell) THEN raw.first_cell
            WHEN says_total(raw.transaction_id) THEN raw.transaction_id
            ELSE raw.customer_id
        END
        WHEN 'ragged-line' THEN raw.first_cell
        WHEN 'repeated-header' THEN raw.customer_id
        WHEN 'rounded-id' THEN raw.customer_id
        WHEN 'unknown-customer' THEN raw.customer_id
        WHEN 'ignored-status' THEN raw.transaction_status
        WHEN 'unknown-status' THEN raw.transaction_status
        WHEN 'bad-date' THEN raw.date_cell
        WHEN 'implausible-date' THEN raw.date_cell
        WHEN 'after-as-of' THEN raw.date_cell
        WHEN 'before-join' THEN raw.date_cell
        WHEN 'long-before' THEN raw.date_cell
        WHEN 'bad-amount' THEN coalesce(raw.amount_cell, raw.pieces_cell)
        WHEN 'refund-excluded' THEN coalesce(raw.amount_cell, raw.pieces_cell)
        WHEN 'zero-amount' THEN coalesce(raw.amount_cell, raw.pieces_cell)
        WHEN 'refund' THEN coalesce(raw.amount_cell, raw.pieces_cell)
        WHEN 'other-currency' THEN CASE
            WHEN said_currency(coalesce(raw.amount, raw.unit_price)) IS NULL THEN raw.currency
            ELSE coalesce(raw.amount, raw.unit_price)
        END
        WHEN 'identical-duplicate' THEN raw.transaction_id
        WHEN 'conflicting-duplicate' THEN raw.transaction_id
        WHEN 'identical-line' THEN raw.transaction_id
        WHEN 'no-transaction-id' THEN raw.transaction_id
        WHEN 'unknown-branch' THEN raw.branch_id
        WHEN 'burn-before-claim' THEN raw.burn_cell
        WHEN 'later-burn' THEN raw.burn_cell
        WHEN 'bad-burn-date' THEN raw.burn_cell
        WHEN 'date-without-burn' THEN raw.burn_cell
    END AS cell,
    CASE found.reason
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
FROM findings AS found
INNER JOIN (
    SELECT
        row_no, first_cell, transaction_id, customer_id, transaction_status, branch_id, amount, unit_price, currency,
        coalesce(transaction_date, replace(CAST(transaction_date_typed AS STRING), ' 00:00:00', '')) AS date_cell,
        coalesce(burn_date, replace(CAST(burn_date_typed AS STRING), ' 00:00:00', '')) AS burn_cell,
        coalesce(amount, CAST(amount_typed AS STRING)) AS amount_cell,
        coalesce(quantity, CAST(quantity_typed AS STRING)) || ' x ' || coalesce(unit_price, CAST(unit_price_typed AS STRING)) AS pieces_cell
    FROM raw_transactions
) AS raw ON raw.row_no = found.row_no
WHERE found.table_name = 'transactions'
UNION ALL
SELECT
    found.kind, found.table_name, found.row_no, found.reason, found.twin_row, found.nth,
    CASE found.reason
        WHEN 'summary-line' THEN coalesce(entry.first_cell, entry.id)
        WHEN 'ragged-line' THEN coalesce(entry.first_cell, entry.id)
        WHEN 'unknown-city' THEN entry.city_id
        WHEN 'unknown-gender' THEN entry.gender_id
        WHEN 'unknown-merchant' THEN entry.merchant_id
        WHEN 'bad-join-date' THEN entry.join_date
        ELSE entry.id
    END,
    CASE WHEN found.reason IN ('summary-line', 'ragged-line') AND entry.first_cell IS NOT NULL THEN 'first_cell' END
FROM findings AS found
INNER JOIN entries_judged AS entry ON entry.table_name = found.table_name AND entry.row_no = found.row_no
