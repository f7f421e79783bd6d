-- takes:     entries_slice, customer_months_slice, customer_places_slice
-- yields:    buyers, one row per customer with a sale or a refund
-- invariant: sum(frequency) = sales, sum(refunds) = refunds, sum(amount) = sum(amount) of the entries
select
    e.*,
    coalesce(m.active_months, 0) as active_months,
    coalesce(q.merchants, 0) as merchants,
    coalesce(q.branches, 0) as branches
from (
    select
        customer_id,
        min(case when not is_refund then day end) as first_day,
        max(case when not is_refund then day end) as last_day,
        count(case when not is_refund then 1 end) as frequency,
        count(case when is_refund then 1 end) as refunds,
        count(case when is_burned then 1 end) as burned,
        sum(amount) as amount,
        sum(case when is_burned and burn_day >= day then days_between(day, burn_day) end) as days_to_burn,
        count(case when is_burned and burn_day >= day then 1 end) as dated_burns
    from entries_slice
    group by customer_id
) as e
left join (
    select customer_id, count(*) as active_months
    from customer_months_slice
    group by customer_id
) as m on m.customer_id = e.customer_id
left join (
    select customer_id, count(distinct merchant) as merchants, count(distinct branch) as branches
    from customer_places_slice
    group by customer_id
) as q on q.customer_id = e.customer_id
