-- takes:     entries
-- yields:    one row per branch name
select
    coalesce(branch, 'unknown') as name,
    count(distinct case when not is_refund then customer_id end) as customers,
    count(case when not is_refund then 1 end) as transactions,
    count(case when is_burned then 1 end) as burned,
    cast(coalesce(sum(amount), 0) * 100 as bigint) as cents
from entries
group by coalesce(branch, 'unknown')
