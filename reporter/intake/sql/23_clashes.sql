-- Transaction ids whose rows contradict each other: in layout shop in anything, in layout orders in whose they are.
-- takes:  candidates
SELECT transaction_id
FROM candidates
WHERE transaction_id IS NOT NULL
GROUP BY transaction_id
HAVING min(customer_id) <> max(customer_id) OR min(layout) = 'shop' AND min(content) <> max(content)
