-- takes:     customers, buyers, favourites
-- yields:    one row per known customer, whether or not there is a transaction, sorted by id
-- invariant: as many rows as customers; amount in whole cents, exact
select
    c.customer_id,
    c.join_day,
    b.first_day,
    b.last_day,
    c.city_name as city,
    c.gender_name as gender,
    f.top_merchant,
    coalesce(b.frequency, 0) as frequency,
    cast(coalesce(b.amount, 0) * 100 as bigint) as cents,
    coalesce(b.burned, 0) as burned,
    coalesce(b.refunds, 0) as refunds,
    coalesce(b.merchants, 0) as merchants,
    coalesce(b.branches, 0) as branches,
    coalesce(b.active_months, 0) as active_months,
    cast(b.days_to_burn as double) as days_to_burn,
    coalesce(b.dated_burns, 0) as dated_burns
from customers as c
left join buyers as b on b.customer_id = c.customer_id
left join favourites as f on f.customer_id = c.customer_id
order by c.customer_id
