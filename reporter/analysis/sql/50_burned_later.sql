-- takes:     entries, span (one row: first_day, earlier_day, cut_day, end_day; end_day itself is not in it), slice
-- yields:    burned_later, one row per customer with a coupon burned from the day of the cut on
select e.customer_id, count(*) as burned
from entries as e
cross join span as s
cross join slice as p
where
    e.is_burned and e.burn_day >= s.cut_day and e.burn_day < s.end_day
    and (p.parts = 1 or abs(hash_of(e.customer_id) % p.parts) = p.part)
group by e.customer_id
