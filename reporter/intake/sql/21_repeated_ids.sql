-- First pass of the search for duplicates: transaction ids that sound rows carry more than once.
-- takes:  typed
SELECT transaction_id
FROM typed
WHERE own_reason IS NULL AND transaction_id IS NOT NULL
GROUP BY transaction_id
HAVING count(*) > 1
