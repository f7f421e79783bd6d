-- takes:     transactions, refund_rule
-- yields:    one row: what every sum over customers must come to (counted on the lines, not on the entries)
select
    (select count(*) from transactions where not is_refund and not is_shared)
    + (
        select count(*)
        from (select distinct customer_id, transaction_id from transactions where not is_refund and is_shared) as sales
    ) as transactions,
    count(distinct case when not t.is_refund then t.customer_id end) as buyers,
    cast(
        coalesce(sum(case when t.is_refund and not r.counted then cast(0 as decimal(18, 2)) else t.amount end), 0) * 100 as bigint
    ) as cents
from transactions as t
cross join refund_rule as r
