-- takes:     transactions, customers, chosen
-- yields:    the transactions of the customers of the chosen city, every column as it is
select transactions.*
from transactions
inner join customers on customers.customer_id = transactions.customer_id
inner join chosen on chosen.name = customers.city_name
