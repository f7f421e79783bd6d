-- takes:     known_events_slice, cut (one row: day)
-- yields:    known_then, one row per customer with a sale before the day of the cut
select
    e.customer_id,
    min(case when e.sales = 1 then e.day end) as first_day,
    max(case when e.sales = 1 then e.day end) as last_day,
    sum(e.sales) as frequency,
    cast(coalesce(sum(e.amount), 0) * 100 as bigint) as cents,
    sum(e.burned) as burned
from known_events_slice as e
cross join cut as c
where e.day < c.day
group by e.customer_id
having sum(e.sales) > 0
