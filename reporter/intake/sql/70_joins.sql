-- What each look-up found, over kept rows. A table that is not there has no line of its own that anybody reads.
-- takes:  transactions, entries_judged, kept_cities, kept_genders, kept_merchants, params
-- yields: one row per look-up; looked_up = found + missing + blank, each counted by itself; missing_keys = different keys
SELECT
    'transactions' AS table_name, 'customers' AS lookup, count(*) AS looked_up,
    count(CASE WHEN NOT lacks_customer THEN customer_id END) AS found,
    count(CASE WHEN lacks_customer THEN 1 END) AS missing,
    count(DISTINCT CASE WHEN lacks_customer THEN customer_id END) AS missing_keys,
    count(CASE WHEN customer_id IS NULL THEN 1 END) AS blank
FROM transactions
UNION ALL
SELECT
    'transactions', 'branches', count(*), count(CASE WHEN NOT lacks_branch THEN branch_id END),
    count(CASE WHEN lacks_branch THEN 1 END), count(DISTINCT CASE WHEN lacks_branch THEN branch_id END),
    count(CASE WHEN branch_id IS NULL THEN 1 END)
FROM transactions
UNION ALL
SELECT
    'branches', 'merchants', count(*), count(known.id),
    count(CASE WHEN known.id IS NULL THEN entry.merchant_id END),
    count(DISTINCT CASE WHEN known.id IS NULL THEN entry.merchant_id END),
    count(CASE WHEN entry.merchant_id IS NULL THEN 1 END)
FROM entries_judged AS entry
LEFT JOIN kept_merchants AS known ON known.id = entry.merchant_id
WHERE entry.table_name = 'branches' AND entry.reason IS NULL
UNION ALL
SELECT
    'customers', 'cities', count(*), count(known.id),
    count(CASE WHEN known.id IS NULL THEN entry.city_id END),
    count(DISTINCT CASE WHEN known.id IS NULL THEN entry.city_id END),
    count(CASE WHEN entry.city_id IS NULL THEN 1 END)
FROM entries_judged AS entry
LEFT JOIN kept_cities AS known ON known.id = entry.city_id
WHERE entry.table_name = 'customers' AND entry.reason IS NULL
UNION ALL
SELECT
    'customers', 'genders', count(*), count(known.id),
    count(CASE WHEN known.id IS NULL THEN entry.gender_id END),
    count(DISTINCT CASE WHEN known.id IS NULL THEN entry.gender_id END),
    count(CASE WHEN entry.gender_id IS NULL THEN 1 END)
FROM entries_judged AS entry
LEFT JOIN kept_genders AS known ON known.id = entry.gender_id
WHERE entry.table_name = 'customers' AND entry.reason IS NULL
