-- takes:     entries_slice, span (one row: first_day, earlier_day, cut_day, end_day; end_day itself is not in it)
-- yields:    burned_later, one row per customer with a coupon burned from the day of the cut on
select e.customer_id, cast(count(*) as int) as burned
from entries_slice as e
cross join span as s
where e.is_burned and e.burn_day >= s.cut_day and e.burn_day < s.end_day
group by e.customer_id
