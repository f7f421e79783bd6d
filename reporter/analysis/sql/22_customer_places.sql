-- takes:     entries_slice
-- yields:    customer_places, one row per customer, merchant and branch (each null where unknown) with a sale
-- invariant: sum(sales) is that of the entries
select e.customer_id, e.merchant, e.branch, count(*) as sales
from entries_slice as e
where not e.is_refund
group by e.customer_id, e.merchant, e.branch
