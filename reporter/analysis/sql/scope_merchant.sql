-- takes:     transactions
-- yields:    one row per merchant: its rows of transactions, and its customers with a transaction that is no refund
select
    merchant_name as name,
    count(*) as lines,
    count(distinct case when not is_refund then customer_id end) as buyers
from transactions
where merchant_name is not null
group by merchant_name
