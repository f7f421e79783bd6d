-- takes:     entries, customer_months, segment_of (customer_id, segment)
-- yields:    one row per segment and month with a sale or a refund
select sums.segment, sums.month, sums.transactions, coalesce(people.active_customers, 0) as active_customers, sums.cents
from (
    select
        s.segment,
        cast(date_trunc('month', e.day) as date) as month,
        count(case when not e.is_refund then 1 end) as transactions,
        cast(coalesce(sum(e.amount), 0) * 100 as bigint) as cents
    from entries as e
    inner join segment_of as s on s.customer_id = e.customer_id
    group by s.segment, cast(date_trunc('month', e.day) as date)
) as sums
left join (
    select s.segment, m.month, count(*) as active_customers
    from customer_months as m
    inner join segment_of as s on s.customer_id = m.customer_id
    group by s.segment, m.month
) as people on people.segment = sums.segment and people.month = sums.month
