-- takes:     entries, sent_to (place, customer_id), sent_when (one row: start_day, end_day, both inclusive)
-- yields:    one row per customer of sent_to with anything in these days: transactions, burned (by the day of burning), cents of sales and refunds
select
    s.place,
    count(case when e.day between w.start_day and w.end_day and not e.is_refund then 1 end) as transactions,
    count(case when e.is_burned and e.burn_day between w.start_day and w.end_day then 1 end) as burned,
    cast(coalesce(sum(case when e.day between w.start_day and w.end_day then e.amount end), 0) * 100 as bigint) as cents
from sent_to as s
inner join entries as e on e.customer_id = s.customer_id
cross join sent_when as w
where e.day between w.start_day and w.end_day or (e.is_burned and e.burn_day between w.start_day and w.end_day)
group by s.place
