-- takes:     transactions
-- yields:    one row per branch: its rows of transactions, and its customers with a transaction that is no refund
select
    branch_name as name,
    count(*) as lines,
    count(distinct case when not is_refund then customer_id end) as buyers
from transactions
where branch_name is not null
group by branch_name
