-- takes:     transactions, folded, refund_rule
-- yields:    entries, one row per customer, transaction and kind (sale or refund): most lines are one already, and stay as they are
-- invariant: sum(amount) is that of the lines, less the refunds when they are not counted; sales = distinct transactions
select
    t.customer_id,
    t.transaction_id,
    t.is_refund,
    t.day,
    case when t.is_refund and not r.counted then cast(0 as decimal(18, 2)) else t.amount end as amount,
    t.is_burned and not t.is_refund as is_burned,
    t.burn_day,
    t.branch_name as branch,
    t.merchant_name as merchant
from transactions as t
cross join refund_rule as r
where not t.is_shared
union all
select customer_id, transaction_id, is_refund, day, amount, is_burned, burn_day, branch, merchant
from folded
