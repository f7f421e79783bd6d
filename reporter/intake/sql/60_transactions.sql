-- The ledger's transactions: kept rows only.
-- takes:  judged
SELECT
    transaction_id, customer_id, day, amount, is_refund, is_burned, burn_day, branch_id, branch_name, merchant_name, is_shared,
    lacks_customer, lacks_branch
FROM judged
WHERE reason IS NULL
