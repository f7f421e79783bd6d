-- takes:     entries
-- yields:    buyers, one row per customer with a sale or a refund
-- invariant: sum(frequency) = sales, sum(refunds) = refunds, sum(amount) = sum(amount) of the entries
select
    customer_id,
    min(case when not is_refund then day end) as first_day,
    max(case when not is_refund then day end) as last_day,
    count(case when not is_refund then 1 end) as frequency,
    count(case when is_refund then 1 end) as refunds,
    count(case when is_burned then 1 end) as burned,
    sum(amount) as amount,
    count(distinct case when not is_refund then merchant end) as merchants,
    count(distinct case when not is_refund then branch end) as branches,
    count(distinct case when not is_refund then month end) as active_months,
    sum(case when is_burned and burn_day >= day then days_between(day, burn_day) end) as days_to_burn,
    count(case when is_burned and burn_day >= day then 1 end) as dated_burns
from entries
group by customer_id
