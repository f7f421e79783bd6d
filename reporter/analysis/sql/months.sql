-- takes:     customer_months
-- yields:    one row per month with a sale: customers who bought
select month, count(*) as active_customers
from customer_months
group by month
