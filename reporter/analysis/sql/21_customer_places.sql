-- takes:     entries
-- yields:    customer_places, one row per customer, merchant and branch (each null where unknown) with a sale
-- invariant: sum(sales) is that of the entries
select customer_id, merchant, branch, count(*) as sales
from entries
where not is_refund
group by customer_id, merchant, branch
