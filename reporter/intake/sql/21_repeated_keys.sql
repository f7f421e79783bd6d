-- First pass of the search for duplicates: keys that sound rows carry more than once. A key is a number, so that the pass needs little memory
-- however long the ids are; that two ids may share one does no harm, for the later passes compare the texts.
-- takes:  typed
SELECT line_key
FROM typed
WHERE own_reason IS NULL AND line_key IS NOT NULL
GROUP BY line_key
HAVING count(*) > 1
