-- takes:     known_then
-- yields:    its rows, sorted by id
select customer_id, first_day, last_day, cast(frequency as bigint) as frequency, cents, cast(burned as bigint) as burned
from known_then
order by customer_id
