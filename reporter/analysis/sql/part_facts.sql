-- takes:     transactions, since
-- yields:    small figures of a restricted ledger, counted on its transactions
select
    count(*) as lines,
    coalesce(min(case when transactions.day >= since.day then transactions.day end), min(transactions.day)) as first_day,
    max(transactions.day) as last_day,
    count(transactions.branch_id) as branch,
    count(transactions.merchant_name) as merchant,
    count(case when transactions.is_refund then 1 end) as refunds
from transactions
cross join since
