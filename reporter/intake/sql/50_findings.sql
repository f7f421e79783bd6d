-- Every rejected row once, and every flag of every kept row: the row counts, but its reader should know.
-- takes:  odd, entries_judged, kept_cities, kept_genders, kept_merchants, params
-- yields: one row per row and reason; nth counts the rows of a table and reason from 1
SELECT
    kind, table_name, row_no, reason, twin_row,
    row_number() OVER (PARTITION BY kind, table_name, reason ORDER BY row_no) AS nth
FROM (
    SELECT 'rejected' AS kind, 'transactions' AS table_name, row_no, reason, twin_row FROM odd WHERE reason IS NOT NULL
    UNION ALL
    SELECT 'rejected', table_name, row_no, reason, twin_row FROM entries_judged WHERE reason IS NOT NULL
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'no-transaction-id', NULL FROM odd WHERE reason IS NULL AND lacks_id
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'unknown-customer', NULL FROM odd WHERE reason IS NULL AND lacks_customer
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'unknown-branch', NULL FROM odd WHERE reason IS NULL AND lacks_branch
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'before-join', NULL FROM odd WHERE reason IS NULL AND is_before_join
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'long-before', NULL FROM odd WHERE reason IS NULL AND is_long_before
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'burn-before-claim', NULL FROM odd WHERE reason IS NULL AND is_burn_before_claim
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'later-burn', NULL FROM odd WHERE reason IS NULL AND is_later_burn
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'burned-without-date', NULL FROM odd WHERE reason IS NULL AND lacks_burn_date
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'bad-burn-date', NULL FROM odd WHERE reason IS NULL AND has_bad_burn_date
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'date-without-burn', NULL FROM odd WHERE reason IS NULL AND has_needless_burn_date
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'unknown-status', NULL FROM odd WHERE reason IS NULL AND has_odd_status
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'zero-amount', NULL FROM odd WHERE reason IS NULL AND is_free
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'refund', NULL FROM odd WHERE reason IS NULL AND is_refund
    UNION ALL
    SELECT 'flagged', 'transactions', row_no, 'identical-line', twin_row FROM odd WHERE reason IS NULL AND is_repeated_line
    UNION ALL
    SELECT 'flagged', customers.table_name, customers.row_no, 'unknown-city', NULL
    FROM entries_judged AS customers
    CROSS JOIN params
    LEFT JOIN kept_cities ON kept_cities.id = customers.city_id
    WHERE has_cities AND customers.table_name = 'customers' AND customers.reason IS NULL
        AND customers.city_id IS NOT NULL AND kept_cities.id IS NULL
    UNION ALL
    SELECT 'flagged', customers.table_name, customers.row_no, 'unknown-gender', NULL
    FROM entries_judged AS customers
    CROSS JOIN params
    LEFT JOIN kept_genders ON kept_genders.id = customers.gender_id
    WHERE has_genders AND customers.table_name = 'customers' AND customers.reason IS NULL
        AND customers.gender_id IS NOT NULL AND kept_genders.id IS NULL
    UNION ALL
    SELECT 'flagged', branches.table_name, branches.row_no, 'unknown-merchant', NULL
    FROM entries_judged AS branches
    CROSS JOIN params
    LEFT JOIN kept_merchants ON kept_merchants.id = branches.merchant_id
    WHERE has_merchants AND branches.table_name = 'branches' AND branches.reason IS NULL
        AND branches.merchant_id IS NOT NULL AND kept_merchants.id IS NULL
    UNION ALL
    SELECT 'flagged', table_name, row_no, 'bad-join-date', NULL
    FROM entries_judged
    WHERE reason IS NULL AND join_date IS NOT NULL AND join_day IS NULL
) AS found
