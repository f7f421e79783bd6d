-- takes:     transactions, known_before (run_id, customer_id, day)
-- yields:    one row per earlier run: its customers who have, in the data now, a purchase on the day that was their latest then
select met.run_id, cast(count(*) as bigint) as customers
from (
    select distinct k.run_id, k.customer_id
    from known_before as k
    inner join transactions as t on t.customer_id = k.customer_id and t.day = k.day
    where not t.is_refund
) as met
group by met.run_id
