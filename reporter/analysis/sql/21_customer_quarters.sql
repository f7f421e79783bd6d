-- takes:     customer_months_slice
-- yields:    customer_quarters, one row per customer and quarter with a sale
select m.customer_id, cast(date_trunc('quarter', m.month) as date) as quarter
from customer_months_slice as m
group by m.customer_id, cast(date_trunc('quarter', m.month) as date)
