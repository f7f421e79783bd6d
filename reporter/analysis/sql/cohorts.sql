-- takes:     entries, buyers
-- yields:    one row per period length, cohort and period: customers of the cohort who bought in the period
select
    'month' as period,
    cast(date_trunc('month', b.first_day) as date) as cohort,
    e.month as month,
    count(distinct e.customer_id) as active_customers
from entries as e
inner join buyers as b on b.customer_id = e.customer_id
where not e.is_refund
group by cast(date_trunc('month', b.first_day) as date), e.month
union all
select
    'quarter' as period,
    cast(date_trunc('quarter', b.first_day) as date) as cohort,
    e.quarter as month,
    count(distinct e.customer_id) as active_customers
from entries as e
inner join buyers as b on b.customer_id = e.customer_id
where not e.is_refund
group by cast(date_trunc('quarter', b.first_day) as date), e.quarter
