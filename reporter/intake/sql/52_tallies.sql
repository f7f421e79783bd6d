-- How many rows each reason hit in each table.
-- takes:  findings
SELECT kind, table_name, reason, count(*) AS n
FROM findings
GROUP BY kind, table_name, reason
