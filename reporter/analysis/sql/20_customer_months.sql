-- takes:     entries_slice
-- yields:    customer_months, one row per customer and month with a sale: what distinct customers and months are counted on
-- invariant: sum(sales) is that of the entries
select e.customer_id, cast(date_trunc('month', e.day) as date) as month, count(*) as sales
from entries_slice as e
where not e.is_refund
group by e.customer_id, cast(date_trunc('month', e.day) as date)
