-- takes:     customer_months, slice
-- yields:    customer_quarters, one row per customer and quarter with a sale
select m.customer_id, cast(date_trunc('quarter', m.month) as date) as quarter
from customer_months as m
cross join slice as p
where (p.parts = 1 or abs(hash_of(m.customer_id) % p.parts) = p.part)
group by m.customer_id, cast(date_trunc('quarter', m.month) as date)
