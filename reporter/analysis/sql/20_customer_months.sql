-- takes:     entries
-- yields:    customer_months, one row per customer and month with a sale: what distinct customers and months are counted on
-- invariant: sum(sales) is that of the entries
select customer_id, cast(date_trunc('month', day) as date) as month, count(*) as sales
from entries
where not is_refund
group by customer_id, cast(date_trunc('month', day) as date)
