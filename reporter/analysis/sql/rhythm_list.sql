-- takes:     rhythms, burned_later, span
-- yields:    the rows of `Lookback.frame` with their ids, sorted by id. Days are counted from each customer's first sale on record; who has none there
--            has only zeros
select
    r.customer_id,
    r.start_day < s.cut_day as known,
    r.days,
    cast(coalesce(days_between(r.first_sale, r.last_sale), 0) as int) as last,
    cast(coalesce(days_between(r.first_sale, s.end_day), 0) as int) as age,
    r.days_then,
    cast(coalesce(days_between(r.first_sale, r.last_then), 0) as int) as last_then,
    cast(case when r.days_then > 0 then days_between(r.first_sale, s.cut_day) else 0 end as int) as age_then,
    r.days_before,
    r.sold_cents - r.first_cents as repeat_cents,
    r.transactions,
    r.cents as worth_cents,
    coalesce(b.burned, 0) as burned
from rhythms as r
cross join span as s
left join burned_later as b on b.customer_id = r.customer_id
order by r.customer_id
