-- The ledger's customers: those of the customers table, and those who are known from transactions alone.
-- takes:  kept_customers, kept_cities, kept_genders, transactions
SELECT
    kept_customers.id AS customer_id,
    kept_customers.join_day,
    coalesce(kept_cities.name, kept_cities.id) AS city_name,
    coalesce(kept_genders.name, kept_genders.id) AS gender_name
FROM kept_customers
LEFT JOIN kept_cities ON kept_cities.id = kept_customers.city_id
LEFT JOIN kept_genders ON kept_genders.id = kept_customers.gender_id
UNION ALL
SELECT active.customer_id, CAST(NULL AS DATE), CAST(NULL AS STRING), CAST(NULL AS STRING)
FROM (SELECT DISTINCT customer_id FROM transactions) AS active
LEFT JOIN kept_customers ON kept_customers.id = active.customer_id
WHERE kept_customers.id IS NULL
