-- takes:     transactions, shared_events, refund_rule
-- yields:    known_events, what is known of customers, each from its own day on: of a sale its first line, of money its line, of a burned coupon
--            the day of burning (of the claim, where that is later or unknown)
-- invariant: of the rows before any day, sum(sales), sum(amount) and sum(burned) are what the entries of a ledger cut at that day come to
select
    t.customer_id,
    t.day,
    case when t.is_refund then 0 else 1 end as sales,
    case when t.is_refund and not r.counted then cast(0 as decimal(18, 2)) else t.amount end as amount,
    0 as burned
from transactions as t
cross join refund_rule as r
where not t.is_shared
union all
select customer_id, greatest(day, coalesce(burn_day, day)) as day, 0 as sales, cast(0 as decimal(18, 2)) as amount, 1 as burned
from transactions
where not is_shared and is_burned and not is_refund
union all
select customer_id, day, sales, amount, burned
from shared_events
