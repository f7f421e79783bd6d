-- takes:     entries, segment_of (customer_id, segment)
-- yields:    one row per segment and month of burning: burned coupons
select
    s.segment,
    cast(date_trunc('month', e.burn_day) as date) as month,
    count(*) as burned
from entries as e
inner join segment_of as s on s.customer_id = e.customer_id
where e.is_burned and e.burn_day is not null
group by s.segment, cast(date_trunc('month', e.burn_day) as date)
