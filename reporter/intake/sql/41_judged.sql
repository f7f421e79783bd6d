-- Each transaction row with its verdict, what it was joined to, and what is odd about it.
-- takes:  verdicts, kept_customers, kept_branches, kept_merchants
-- yields: one row per raw row; reason is null for kept rows
SELECT
    row_no, twin_row, reason, day, amount, branch_id, branch_name, merchant_name, customer_id, is_shared,
    coalesce(transaction_id, '(row ' || CAST(row_no AS STRING) || ')') AS transaction_id,
    is_refund,
    said_burned AND (burn_day IS NULL OR burn_day < as_of) AS is_burned,
    CASE WHEN said_burned AND burn_day < as_of THEN burn_day END AS burn_day,
    transaction_id IS NULL AND has_ids AS lacks_id,
    has_customers AND NOT knows_customer AS lacks_customer,
    has_branches AND branch_id IS NOT NULL AND NOT knows_branch AS lacks_branch,
    coalesce(day < join_day, FALSE) AS is_before_join,
    day < first_plausible AS is_long_before,
    coalesce(said_burned AND burn_day < day, FALSE) AS is_burn_before_claim,
    coalesce(said_burned AND burn_day >= as_of, FALSE) AS is_later_burn,
    said_burned AND has_burns AND NOT has_burn_text AS lacks_burn_date,
    has_burn_text AND burn_day IS NULL AS has_bad_burn_date,
    has_burn_text AND NOT said_burned AS has_needless_burn_date,
    has_coupon_words AND says_nothing AS has_odd_status,
    coalesce(amount = 0, FALSE) AND mode = 'money' AS is_free,
    coalesce(twin = 'identical-line', FALSE) AS is_repeated_line
FROM (
    SELECT
        verdicts.*,
        kept_customers.id IS NOT NULL AS knows_customer,
        kept_customers.join_day,
        kept_branches.id IS NOT NULL AS knows_branch,
        coalesce(kept_branches.name, verdicts.branch_id) AS branch_name,
        coalesce(kept_merchants.name, kept_merchants.id) AS merchant_name
    FROM verdicts
    LEFT JOIN kept_customers ON kept_customers.id = verdicts.customer_id
    LEFT JOIN kept_branches ON kept_branches.id = verdicts.branch_id
    LEFT JOIN kept_merchants ON kept_merchants.id = kept_branches.merchant_id
) AS joined
