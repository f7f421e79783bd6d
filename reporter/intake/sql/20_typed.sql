-- Transactions with types, and what is wrong with each row by itself.
-- takes:  raw_transactions, params, status_meanings
--         (until: the as-of date where the user said one; a burn on or after it is not known yet, so that the row says what it said then)
-- yields: one row per raw row; own_reason is null for a sound row; line_key is equal for rows that may be one transaction (or one line twice)
SELECT
    row_no, transaction_id, customer_id, moment, amount, says_refund, says_burned, says_nothing, remark, burn_day, has_burn_text,
    branch_id, own_reason,
    CASE
        WHEN transaction_id IS NOT NULL THEN hash_of(transaction_id)
        WHEN layout = 'orders' THEN hash_of(customer_id || '|' || CAST(moment AS STRING))
    END AS line_key
FROM (
    SELECT
        row_no, CASE WHEN NOT is_rounded(transaction_id) THEN transaction_id END AS transaction_id, customer_id, moment, amount,
        meaning = 'refund' AS says_refund, meaning = 'burned' AS says_burned, meaning = 'unknown' AS says_nothing,
        CASE
            WHEN coupon_name IS NOT NULL OR transaction_status IS NOT NULL THEN concat_ws(
                chr(31), coalesce(
                    CASE WHEN meaning = 'burned' AND burn_day >= until THEN 'subscribed' END, nullif(meaning, 'unknown'),
                    small_letters(transaction_status), ''
                ), coalesce(coupon_name, '')
            )
        END AS remark,
        burn_day, has_burn_text, branch_id, layout, until,
        CASE
            WHEN fault IS NOT NULL THEN fault
            WHEN lacks_date AND (
                says_total(first_cell) OR says_total(transaction_id) OR says_total(customer_id)
            ) THEN 'summary-line'
            WHEN is_header THEN 'repeated-header'
            WHEN meaning = 'ignored' THEN 'ignored-status'
            WHEN customer_id IS NULL THEN 'no-customer-id'
            WHEN is_rounded(customer_id) THEN 'rounded-id'
            WHEN lacks_date THEN 'no-date'
            WHEN moment IS NULL THEN 'bad-date'
            WHEN mode = 'money' AND lacks_amount THEN 'no-amount'
            WHEN mode = 'money' AND amount IS NULL THEN 'bad-amount'
            WHEN mode = 'money' AND is_foreign THEN 'other-currency'
        END AS own_reason
    FROM (
        SELECT
            priced.row_no, priced.fault, priced.first_cell, priced.transaction_id, priced.customer_id, priced.moment,
            priced.lacks_date, priced.transaction_status, priced.coupon_name, priced.has_burn_text, priced.burn_day,
            priced.branch_id, priced.layout, priced.until, priced.mode, priced.lacks_amount, priced.is_foreign, priced.is_header,
            coalesce(status_meanings.meaning, 'unknown') AS meaning,
            CASE WHEN status_meanings.meaning = 'refund' THEN -abs(priced.amount) ELSE priced.amount END AS amount
        FROM (
            SELECT
                raw.row_no, raw.fault, raw.first_cell, raw.transaction_id, raw.customer_id, raw.transaction_status,
                raw.coupon_name, raw.branch_id, params.layout, params.mode, CAST(params.until AS DATE) AS until,
                coalesce(
                    raw.transaction_date_typed, parse_ts(raw.transaction_date, params.transaction_order)
                ) AS moment,
                raw.transaction_date IS NULL AND raw.transaction_date_typed IS NULL AS lacks_date,
                CAST(coalesce(raw.burn_date_typed, parse_date(raw.burn_date, params.burn_order)) AS DATE) AS burn_day,
                raw.burn_date IS NOT NULL OR raw.burn_date_typed IS NOT NULL AS has_burn_text,
                CASE params.amount_from
                    WHEN 'amount' THEN raw.amount IS NULL AND raw.amount_typed IS NULL
                    WHEN 'pieces' THEN raw.quantity IS NULL AND raw.quantity_typed IS NULL
                        OR raw.unit_price IS NULL AND raw.unit_price_typed IS NULL
                END AS lacks_amount,
                coalesce(
                    raw.customer_id = params.header_transactions AND raw.transaction_date = params.header_dates, FALSE
                ) AS is_header,
                CASE WHEN params.foreign_signs IS NOT NULL THEN instr(params.foreign_signs, '|' || coalesce(
                    said_currency(CASE params.amount_from WHEN 'amount' THEN raw.amount ELSE raw.unit_price END),
                    capitals(raw.currency)
                ) || '|') > 0 END AS is_foreign,
                CASE params.amount_from
                    WHEN 'amount' THEN coalesce(raw.amount_typed, parse_amount(raw.amount, params.amount_sign))
                    WHEN 'pieces' THEN try_cast(
                        coalesce(
                            raw.quantity_typed, try_cast(parse_number(raw.quantity, params.quantity_sign) AS DECIMAL(18, 4))
                        ) * coalesce(
                            raw.unit_price_typed, try_cast(parse_number(raw.unit_price, params.price_sign) AS DECIMAL(18, 4))
                        ) AS DECIMAL(18, 2)
                    )
                END AS amount
            FROM raw_transactions AS raw CROSS JOIN params
        ) AS priced
        LEFT JOIN status_meanings ON status_meanings.status = priced.transaction_status
    ) AS parsed
) AS judged
