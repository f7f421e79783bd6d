-- takes:     spells, wanted (one row: slot)
-- yields:    the spells of one slot, in no order
select s.place, s.last_day, s.sales, s.cents, s.burned
from spells as s
inner join wanted as w on w.slot = s.slot
