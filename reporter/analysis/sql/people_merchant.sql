-- takes:     transactions, customers, chosen
-- yields:    the customers with a row of transactions of the chosen merchant, every column as it is
select customers.*
from customers
inner join (
    select distinct customer_id from transactions inner join chosen on chosen.name = transactions.merchant_name
) as there on there.customer_id = customers.customer_id
