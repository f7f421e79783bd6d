-- takes:     customer_places, segment_of (customer_id, segment)
-- yields:    one row per segment and named merchant with a sale
select s.segment, p.merchant as name, cast(sum(p.sales) as bigint) as transactions, count(distinct p.customer_id) as customers
from customer_places as p
inner join segment_of as s on s.customer_id = p.customer_id
where p.merchant is not null
group by s.segment, p.merchant
