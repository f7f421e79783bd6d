-- takes:     entries, slice
-- yields:    customer_months, one row per customer and month with a sale: what distinct customers and months are counted on
-- invariant: sum(sales) is that of the entries
select e.customer_id, cast(date_trunc('month', e.day) as date) as month, count(*) as sales
from entries as e
cross join slice as p
where not e.is_refund and (p.parts = 1 or abs(hash_of(e.customer_id) % p.parts) = p.part)
group by e.customer_id, cast(date_trunc('month', e.day) as date)
