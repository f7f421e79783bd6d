-- takes:     customer_months, customer_quarters, buyers
-- yields:    one row per period length, cohort and period: customers of the cohort who bought in the period
select
    'month' as period,
    cast(date_trunc('month', b.first_day) as date) as cohort,
    m.month as month,
    count(*) as active_customers
from customer_months as m
inner join buyers as b on b.customer_id = m.customer_id
group by cast(date_trunc('month', b.first_day) as date), m.month
union all
select
    'quarter' as period,
    cast(date_trunc('quarter', b.first_day) as date) as cohort,
    q.quarter as month,
    count(*) as active_customers
from customer_quarters as q
inner join buyers as b on b.customer_id = q.customer_id
group by cast(date_trunc('quarter', b.first_day) as date), q.quarter
