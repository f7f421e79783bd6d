-- takes:     entries
-- yields:    one row per day with a sale or a refund
select
    day,
    count(case when not is_refund then 1 end) as transactions,
    cast(coalesce(sum(amount), 0) * 100 as bigint) as cents
from entries
group by day
