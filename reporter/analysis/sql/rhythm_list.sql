-- takes:     rhythms, burned_later
-- yields:    the rows of rhythms with the coupons that were burned from the cut on, sorted by id
select r.*, coalesce(b.burned, 0) as burned
from rhythms as r
left join burned_later as b on b.customer_id = r.customer_id
order by r.customer_id
