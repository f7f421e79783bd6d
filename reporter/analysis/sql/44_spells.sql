-- takes:     known_events_slice, calendar (one row per day from the first cut on: slot, which is the number of cuts up to it), numbered
-- yields:    spells, one row per customer and slot in which something became known of it; before the first cut is slot 0
select n.place, s.slot, s.last_day, s.sales, s.cents, s.burned
from (
    select
        e.customer_id,
        coalesce(c.slot, 0) as slot,
        max(case when e.sales = 1 then e.day end) as last_day,
        cast(sum(e.sales) as int) as sales,
        cast(coalesce(sum(e.amount), 0) * 100 as bigint) as cents,
        cast(sum(e.burned) as int) as burned
    from known_events_slice as e
    left join calendar as c on c.day = e.day
    group by e.customer_id, coalesce(c.slot, 0)
) as s
inner join numbered as n on n.customer_id = s.customer_id
