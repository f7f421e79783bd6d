-- takes:     entries, windows (label, start_day, end_day: both inclusive)
-- yields:    one row per window with a burn in it: burned coupons by the day of burning
select w.label, count(*) as burned
from windows as w
inner join entries as e on e.burn_day between w.start_day and w.end_day
where e.is_burned
group by w.label
