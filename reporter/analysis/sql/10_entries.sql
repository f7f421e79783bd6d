-- takes:     transactions (one row a kept line), refund_rule (one row: counted)
-- yields:    entries, one row per customer, transaction and kind (sale or refund)
-- invariant: sum(amount) is that of the lines, less the refunds when they are not counted; sales = distinct transactions
select
    t.customer_id,
    t.transaction_id,
    t.is_refund,
    min(t.day) as day,
    cast(date_trunc('month', min(t.day)) as date) as month,
    cast(date_trunc('quarter', min(t.day)) as date) as quarter,
    sum(case when t.is_refund and not r.counted then cast(0 as decimal(18, 2)) else t.amount end) as amount,
    max(t.is_burned and not t.is_refund) as is_burned,
    min(t.burn_day) as burn_day,
    min(t.branch_name) as branch,
    min(t.merchant_name) as merchant
from transactions as t
cross join refund_rule as r
group by t.customer_id, t.transaction_id, t.is_refund
