-- takes:     transactions, customers
-- yields:    one row per city: the rows of transactions of its customers, and those of them with a transaction that is no refund
select
    customers.city_name as name,
    count(*) as lines,
    count(distinct case when not transactions.is_refund then transactions.customer_id end) as buyers
from transactions
inner join customers on customers.customer_id = transactions.customer_id
where customers.city_name is not null
group by customers.city_name
