-- takes:     transactions, chosen
-- yields:    the transactions of the chosen merchant, every column as it is
select transactions.*
from transactions
inner join chosen on chosen.name = transactions.merchant_name
