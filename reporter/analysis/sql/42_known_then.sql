-- takes:     known_events, cut (one row: day), slice
-- yields:    known_then, one row per customer with a sale before the day of the cut
select
    e.customer_id,
    min(case when e.sales = 1 then e.day end) as first_day,
    max(case when e.sales = 1 then e.day end) as last_day,
    sum(e.sales) as frequency,
    cast(coalesce(sum(e.amount), 0) * 100 as bigint) as cents,
    sum(e.burned) as burned
from known_events as e
cross join cut as c
cross join slice as p
where e.day < c.day and (p.parts = 1 or abs(hash_of(e.customer_id) % p.parts) = p.part)
group by e.customer_id
having sum(e.sales) > 0
