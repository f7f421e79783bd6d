-- takes:     spells, wanted (slot)
-- yields:    the spells of some slots, in no order
select s.place, s.slot, s.last_day, s.sales, s.cents, s.burned
from spells as s
inner join wanted as w on w.slot = s.slot
