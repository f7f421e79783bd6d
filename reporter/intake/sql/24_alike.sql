-- Second pass: keys of contents that occur more than once.
-- takes:  candidates
SELECT hash_of(content) AS content_key
FROM candidates
GROUP BY hash_of(content)
HAVING count(*) > 1
