-- takes:     transactions_slice (one row a kept line), refund_rule (one row: counted)
-- yields:    shared_events, of the transactions whose id stands on several rows: one row per sale, on the day of its first line; one per customer and
--            day with money; one per burned coupon, on the day from which it is known
select t.customer_id, min(t.day) as day, 1 as sales, cast(0 as decimal(18, 2)) as amount, 0 as burned
from transactions_slice as t
where t.is_shared and not t.is_refund
group by t.customer_id, t.transaction_id
union all
select
    t.customer_id,
    t.day,
    0 as sales,
    cast(sum(case when t.is_refund and not r.counted then cast(0 as decimal(18, 2)) else t.amount end) as decimal(18, 2)) as amount,
    0 as burned
from transactions_slice as t
cross join refund_rule as r
where t.is_shared and t.amount is not null
group by t.customer_id, t.day
union all
select
    t.customer_id,
    min(greatest(t.day, coalesce(t.burn_day, t.day))) as day,
    0 as sales,
    cast(0 as decimal(18, 2)) as amount,
    1 as burned
from transactions_slice as t
where t.is_shared and t.is_burned and not t.is_refund
group by t.customer_id, t.transaction_id
