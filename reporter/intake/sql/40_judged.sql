-- The verdict on each transaction row: rejected for one reason, or kept with what is odd about it.
-- takes:  labelled, horizon, params, kept_customers, kept_branches, kept_merchants
-- yields: one row per raw row; reason is null for kept rows
SELECT
    row_no, twin_row, day, amount, branch_id, branch_name, merchant_name, customer_id,
    coalesce(transaction_id, '(row ' || CAST(row_no AS STRING) || ')') AS transaction_id,
    CASE
        WHEN early_reason IS NOT NULL THEN early_reason
        WHEN day > last_plausible THEN 'implausible-date'
        WHEN day >= as_of THEN 'after-as-of'
        WHEN is_refund AND policy = 'exclude' THEN 'refund-excluded'
    END AS reason,
    is_refund,
    said_burned AND (burn_day IS NULL OR burn_day < as_of) AS is_burned,
    CASE WHEN said_burned AND burn_day < as_of THEN burn_day END AS burn_day,
    transaction_id IS NULL AND has_ids AS lacks_id,
    has_customers AND NOT knows_customer AS lacks_customer,
    has_branches AND branch_id IS NOT NULL AND NOT knows_branch AS lacks_branch,
    day < join_day AS is_before_join,
    day < first_plausible AS is_long_before,
    said_burned AND burn_day < day AS is_burn_before_claim,
    said_burned AND burn_day >= as_of AS is_later_burn,
    said_burned AND has_burns AND NOT has_burn_text AS lacks_burn_date,
    has_burn_text AND burn_day IS NULL AS has_bad_burn_date,
    has_burn_text AND NOT said_burned AS has_needless_burn_date,
    has_coupon_words AND meaning = 'unknown' AS has_odd_status,
    amount = 0 AND mode = 'money' AS is_free,
    coalesce(twin = 'identical-line', FALSE) AS is_repeated_line
FROM (
    SELECT
        labelled.*, params.*, horizon.as_of, horizon.first_plausible, horizon.last_plausible,
        coalesce(labelled.amount < 0, FALSE) OR labelled.meaning = 'refund' AS is_refund,
        CASE WHEN params.burned_by_date THEN labelled.has_burn_text ELSE labelled.meaning = 'burned' END AS said_burned,
        kept_customers.id IS NOT NULL AS knows_customer,
        kept_customers.join_day,
        kept_branches.id IS NOT NULL AS knows_branch,
        CASE
            WHEN kept_branches.name IS NOT NULL THEN kept_branches.name
            WHEN fits(labelled.branch_id, '[0-9]+') THEN 'Branch ' || labelled.branch_id
            ELSE labelled.branch_id
        END AS branch_name,
        coalesce(kept_merchants.name, kept_merchants.id) AS merchant_name
    FROM labelled
    CROSS JOIN params
    CROSS JOIN horizon
    LEFT JOIN kept_customers ON kept_customers.id = labelled.customer_id
    LEFT JOIN kept_branches ON kept_branches.id = labelled.branch_id
    LEFT JOIN kept_merchants ON kept_merchants.id = kept_branches.merchant_id
) AS seen
