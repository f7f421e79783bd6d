-- Every flag of every kept row: the row counts, but its reader should know.
-- takes:  judged, entries_judged, kept_cities, kept_genders, kept_merchants, raw_transactions, params
SELECT flags.table_name, flags.row_no, flags.reason, flags.twin_row, flags.cell, CAST(NULL AS STRING) AS place
FROM (
    SELECT
        'transactions' AS table_name, odd.row_no, odd.reason, odd.twin_row,
        CASE odd.reason
            WHEN 'no-transaction-id' THEN raw.transaction_id
            WHEN 'unknown-customer' THEN raw.customer_id
            WHEN 'unknown-branch' THEN raw.branch_id
            WHEN 'before-join' THEN raw.transaction_date
            WHEN 'long-before' THEN raw.transaction_date
            WHEN 'burn-before-claim' THEN raw.burn_date
            WHEN 'later-burn' THEN raw.burn_date
            WHEN 'bad-burn-date' THEN raw.burn_date
            WHEN 'date-without-burn' THEN raw.burn_date
            WHEN 'unknown-status' THEN raw.transaction_status
            WHEN 'zero-amount' THEN coalesce(raw.amount, raw.quantity || ' x ' || raw.unit_price)
            WHEN 'refund' THEN coalesce(raw.amount, raw.quantity || ' x ' || raw.unit_price)
            WHEN 'identical-line' THEN raw.transaction_id
        END AS cell
    FROM (
        SELECT row_no, 'no-transaction-id' AS reason, NULL AS twin_row FROM judged WHERE reason IS NULL AND lacks_id
        UNION ALL
        SELECT row_no, 'unknown-customer', NULL FROM judged WHERE reason IS NULL AND lacks_customer
        UNION ALL
        SELECT row_no, 'unknown-branch', NULL FROM judged WHERE reason IS NULL AND lacks_branch
        UNION ALL
        SELECT row_no, 'before-join', NULL FROM judged WHERE reason IS NULL AND is_before_join
        UNION ALL
        SELECT row_no, 'long-before', NULL FROM judged WHERE reason IS NULL AND is_long_before
        UNION ALL
        SELECT row_no, 'burn-before-claim', NULL FROM judged WHERE reason IS NULL AND is_burn_before_claim
        UNION ALL
        SELECT row_no, 'later-burn', NULL FROM judged WHERE reason IS NULL AND is_later_burn
        UNION ALL
        SELECT row_no, 'burned-without-date', NULL FROM judged WHERE reason IS NULL AND lacks_burn_date
        UNION ALL
        SELECT row_no, 'bad-burn-date', NULL FROM judged WHERE reason IS NULL AND has_bad_burn_date
        UNION ALL
        SELECT row_no, 'date-without-burn', NULL FROM judged WHERE reason IS NULL AND has_needless_burn_date
        UNION ALL
        SELECT row_no, 'unknown-status', NULL FROM judged WHERE reason IS NULL AND has_odd_status
        UNION ALL
        SELECT row_no, 'zero-amount', NULL FROM judged WHERE reason IS NULL AND is_free
        UNION ALL
        SELECT row_no, 'refund', NULL FROM judged WHERE reason IS NULL AND is_refund
        UNION ALL
        SELECT row_no, 'identical-line', twin_row FROM judged WHERE reason IS NULL AND is_repeated_line
    ) AS odd
    INNER JOIN raw_transactions AS raw ON raw.row_no = odd.row_no
    UNION ALL
    SELECT customers.table_name, customers.row_no, 'unknown-city', NULL, customers.city_id
    FROM entries_judged AS customers
    CROSS JOIN params
    LEFT JOIN kept_cities ON kept_cities.id = customers.city_id
    WHERE has_cities AND customers.table_name = 'customers' AND customers.reason IS NULL
        AND customers.city_id IS NOT NULL AND kept_cities.id IS NULL
    UNION ALL
    SELECT customers.table_name, customers.row_no, 'unknown-gender', NULL, customers.gender_id
    FROM entries_judged AS customers
    CROSS JOIN params
    LEFT JOIN kept_genders ON kept_genders.id = customers.gender_id
    WHERE has_genders AND customers.table_name = 'customers' AND customers.reason IS NULL
        AND customers.gender_id IS NOT NULL AND kept_genders.id IS NULL
    UNION ALL
    SELECT branches.table_name, branches.row_no, 'unknown-merchant', NULL, branches.merchant_id
    FROM entries_judged AS branches
    CROSS JOIN params
    LEFT JOIN kept_merchants ON kept_merchants.id = branches.merchant_id
    WHERE has_merchants AND branches.table_name = 'branches' AND branches.reason IS NULL
        AND branches.merchant_id IS NOT NULL AND kept_merchants.id IS NULL
    UNION ALL
    SELECT table_name, row_no, 'bad-join-date', NULL, join_date
    FROM entries_judged
    WHERE reason IS NULL AND join_date IS NOT NULL AND join_day IS NULL
) AS flags
