-- takes:     entries
-- yields:    one row per day of claim and of burn: burned coupons (burn_day null: day unknown)
select day, burn_day, count(*) as coupons
from entries
where is_burned
group by day, burn_day
