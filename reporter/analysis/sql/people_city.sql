-- takes:     customers, chosen
-- yields:    the customers of the chosen city, every column as it is
select customers.*
from customers
inner join chosen on chosen.name = customers.city_name
