-- takes:     entries, windows (label, start_day, end_day: both inclusive)
-- yields:    one row per window with a sale or a refund in it; claims_burned are its claims that were burned by its own last day, so that
--            two windows compare like for like (a burn without a day counts)
select
    w.label,
    count(case when not e.is_refund then 1 end) as transactions,
    count(distinct case when not e.is_refund then e.customer_id end) as active_customers,
    cast(coalesce(sum(e.amount), 0) * 100 as bigint) as cents,
    count(case when e.is_burned and coalesce(e.burn_day, w.end_day) <= w.end_day then 1 end) as claims_burned
from windows as w
inner join entries as e on e.day between w.start_day and w.end_day
group by w.label
