-- takes:     entries, segment_of (customer_id, segment)
-- yields:    one row per segment and month with a sale or a refund
select
    s.segment,
    e.month,
    count(case when not e.is_refund then 1 end) as transactions,
    count(distinct case when not e.is_refund then e.customer_id end) as active_customers,
    cast(coalesce(sum(e.amount), 0) * 100 as bigint) as cents
from entries as e
inner join segment_of as s on s.customer_id = e.customer_id
group by s.segment, e.month
