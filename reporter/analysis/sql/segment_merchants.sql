-- takes:     entries, segment_of (customer_id, segment)
-- yields:    one row per segment and named merchant with a sale
select s.segment, e.merchant as name, count(*) as transactions, count(distinct e.customer_id) as customers
from entries as e
inner join segment_of as s on s.customer_id = e.customer_id
where not e.is_refund and e.merchant is not null
group by s.segment, e.merchant
