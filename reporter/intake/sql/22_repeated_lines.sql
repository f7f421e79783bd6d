-- First pass for order lines without an id: customers with more than one at the same moment.
-- takes:  typed, params
SELECT customer_id, moment
FROM typed CROSS JOIN params
WHERE own_reason IS NULL AND transaction_id IS NULL AND layout = 'orders'
GROUP BY customer_id, moment
HAVING count(*) > 1
