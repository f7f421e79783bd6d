-- takes:     entries, slice
-- yields:    customer_places, one row per customer, merchant and branch (each null where unknown) with a sale
-- invariant: sum(sales) is that of the entries
select e.customer_id, e.merchant, e.branch, count(*) as sales
from entries as e
cross join slice as p
where not e.is_refund and (p.parts = 1 or abs(hash_of(e.customer_id) % p.parts) = p.part)
group by e.customer_id, e.merchant, e.branch
