-- takes:     customers
-- yields:    small figures of a restricted ledger, counted on its customers
select
    count(*) as known, count(join_day) as join_date, count(city_name) as city, count(gender_name) as gender
from customers
