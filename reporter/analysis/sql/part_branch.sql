-- takes:     transactions, chosen
-- yields:    the transactions of the chosen branch, every column as it is
select transactions.*
from transactions
inner join chosen on chosen.name = transactions.branch_name
