-- takes:     entries, customer_places
-- yields:    one row per branch name
select sums.name, coalesce(people.customers, 0) as customers, sums.transactions, sums.burned, sums.cents
from (
    select
        coalesce(branch, 'unknown') as name,
        count(case when not is_refund then 1 end) as transactions,
        count(case when is_burned then 1 end) as burned,
        cast(coalesce(sum(amount), 0) * 100 as bigint) as cents
    from entries
    group by coalesce(branch, 'unknown')
) as sums
left join (
    select coalesce(branch, 'unknown') as name, count(distinct customer_id) as customers
    from customer_places
    group by coalesce(branch, 'unknown')
) as people on people.name = sums.name
