-- takes:     transactions_slice (one row a kept line), refund_rule (one row: counted)
-- yields:    folded, one row per customer, transaction and kind (sale or refund), of the transactions whose id stands on several rows
select
    t.customer_id,
    t.transaction_id,
    t.is_refund,
    min(t.day) as day,
    sum(case when t.is_refund and not r.counted then cast(0 as decimal(18, 2)) else t.amount end) as amount,
    max(t.is_burned and not t.is_refund) as is_burned,
    min(t.burn_day) as burn_day,
    min(t.branch_name) as branch,
    min(t.merchant_name) as merchant
from transactions_slice as t
cross join refund_rule as r
where t.is_shared
group by t.customer_id, t.transaction_id, t.is_refund
