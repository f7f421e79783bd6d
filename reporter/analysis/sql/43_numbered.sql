-- takes:     customers
-- yields:    numbered, one row per known customer: the place of its id among all, from 0
select customer_id, cast(row_number() over (order by customer_id) - 1 as int) as place
from customers
