-- takes:     entries_slice, span
-- yields:    rhythms, one row per customer with a sale: days with a sale from first_day on, before the cut and after it, and money by day
-- invariant: sum(transactions) is the sales from the cut on, sum(cents) all money from the cut on
select
    d.customer_id,
    min(d.sale_day) as start_day,
    min(case when d.sale_day >= s.first_day then d.sale_day end) as first_sale,
    max(case when d.sale_day >= s.first_day then d.sale_day end) as last_sale,
    max(case when d.sale_day >= s.first_day and d.sale_day < s.cut_day then d.sale_day end) as last_then,
    cast(count(case when d.sale_day >= s.first_day then 1 end) as int) as days,
    cast(count(case when d.sale_day >= s.first_day and d.sale_day < s.cut_day then 1 end) as int) as days_then,
    cast(count(case when d.sale_day >= s.earlier_day and d.sale_day < s.cut_day then 1 end) as int) as days_before,
    cast(coalesce(sum(case when d.day >= s.cut_day and d.day < s.end_day then d.sales end), 0) as int) as transactions,
    cast(coalesce(sum(case when d.day >= s.cut_day and d.day < s.end_day then d.amount end), 0) * 100 as bigint) as cents,
    cast(coalesce(sum(case when d.sale_day >= s.first_day then d.sold end), 0) * 100 as bigint) as sold_cents,
    cast(coalesce(min_by(d.sold, case when d.sale_day >= s.first_day then d.sale_day end), 0) * 100 as bigint) as first_cents,
    cast(coalesce(sum(case when d.day >= s.first_day then d.amount end), 0) * 100 as bigint) as kept_cents
from (
    select
        e.customer_id,
        e.day,
        case when count(case when not e.is_refund then 1 end) > 0 then e.day end as sale_day,
        count(case when not e.is_refund then 1 end) as sales,
        sum(e.amount) as amount,
        sum(case when not e.is_refund then e.amount end) as sold
    from entries_slice as e
    group by e.customer_id, e.day
) as d
cross join span as s
group by d.customer_id
having count(d.sale_day) > 0
