-- Transactions with types, and what is wrong with each row by itself.
-- takes:  raw_transactions, params, status_meanings
-- yields: one row per raw row; own_reason is null for a sound row
SELECT
    row_no, CASE WHEN NOT is_rounded(transaction_id) THEN transaction_id END AS transaction_id, customer_id, moment,
    CAST(moment AS DATE) AS day, amount, meaning, status_said, coupon_name,
    burn_day, burn_date IS NOT NULL AS has_burn_text, branch_id,
    CASE
        WHEN fault IS NOT NULL THEN fault
        WHEN transaction_date IS NULL AND (
            says_total(first_cell) OR says_total(transaction_id) OR says_total(customer_id)
        ) THEN 'summary-line'
        WHEN is_header THEN 'repeated-header'
        WHEN meaning = 'ignored' THEN 'ignored-status'
        WHEN customer_id IS NULL THEN 'no-customer-id'
        WHEN is_rounded(customer_id) THEN 'rounded-id'
        WHEN transaction_date IS NULL THEN 'no-date'
        WHEN moment IS NULL THEN 'bad-date'
        WHEN mode = 'money' AND lacks_amount THEN 'no-amount'
        WHEN mode = 'money' AND amount IS NULL THEN 'bad-amount'
        WHEN mode = 'money' AND is_foreign THEN 'other-currency'
    END AS own_reason
FROM (
    SELECT
        priced.row_no, priced.fault, priced.first_cell, priced.transaction_id, priced.customer_id, priced.transaction_date,
        priced.moment, priced.coupon_name, priced.burn_date, priced.burn_day, priced.branch_id, priced.mode,
        priced.lacks_amount, priced.is_foreign, priced.is_header,
        coalesce(status_meanings.meaning, 'unknown') AS meaning,
        coalesce(nullif(status_meanings.meaning, 'unknown'), small_letters(priced.transaction_status)) AS status_said,
        CASE WHEN status_meanings.meaning = 'refund' THEN -abs(priced.amount) ELSE priced.amount END AS amount
    FROM (
        SELECT
            raw.row_no, raw.fault, raw.first_cell, raw.transaction_id, raw.customer_id, raw.transaction_date,
            raw.transaction_status, raw.coupon_name, raw.burn_date, raw.branch_id, params.mode,
            parse_ts(raw.transaction_date, params.transaction_order) AS moment,
            parse_date(raw.burn_date, params.burn_order) AS burn_day,
            CASE params.amount_from
                WHEN 'amount' THEN raw.amount IS NULL
                WHEN 'pieces' THEN raw.quantity IS NULL OR raw.unit_price IS NULL
            END AS lacks_amount,
            coalesce(
                raw.customer_id = params.header_transactions AND raw.transaction_date = params.header_dates, FALSE
            ) AS is_header,
            CASE WHEN params.foreign_signs IS NOT NULL THEN instr(params.foreign_signs, '|' || coalesce(
                said_currency(CASE params.amount_from WHEN 'amount' THEN raw.amount ELSE raw.unit_price END),
                capitals(raw.currency)
            ) || '|') > 0 END AS is_foreign,
            CASE params.amount_from
                WHEN 'amount' THEN parse_amount(raw.amount, params.amount_sign)
                WHEN 'pieces' THEN try_cast(
                    try_cast(parse_number(raw.quantity, params.quantity_sign) AS DECIMAL(18, 4))
                    * try_cast(parse_number(raw.unit_price, params.price_sign) AS DECIMAL(18, 4)) AS DECIMAL(18, 2)
                )
            END AS amount
        FROM raw_transactions AS raw CROSS JOIN params
    ) AS priced
    LEFT JOIN status_meanings ON status_meanings.status = priced.transaction_status
) AS parsed
