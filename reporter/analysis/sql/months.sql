-- takes:     entries
-- yields:    one row per month with a sale: customers who bought
select month, count(distinct customer_id) as active_customers
from entries
where not is_refund
group by month
