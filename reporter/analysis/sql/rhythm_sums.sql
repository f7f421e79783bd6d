-- takes:     rhythms
-- yields:    one row: cents of all sales on record, and what refunds have left of them
select cast(coalesce(sum(sold_cents), 0) as bigint) as sold_cents, cast(coalesce(sum(kept_cents), 0) as bigint) as kept_cents
from rhythms
