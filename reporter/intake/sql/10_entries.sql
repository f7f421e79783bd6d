-- All lookup tables as one: customers, genders, cities, branches, merchants.
-- takes:  raw_customers, raw_genders, raw_cities, raw_branches, raw_merchants, params
-- yields: one row per raw row, so every row can be accounted for; content = all that a row says, name first
SELECT
    entry.*,
    concat_ws(
        '|', coalesce(name, '~'), coalesce(CAST(join_day AS STRING), '~'), coalesce(city_id, '~'), coalesce(gender_id, '~'),
        coalesce(merchant_id, '~')
    ) AS content
FROM (
    SELECT
        'customers' AS table_name, row_no, fault, first_cell, customer_id AS id, CAST(NULL AS STRING) AS name, join_date,
        CAST(coalesce(join_date_typed, parse_date(join_date, join_order)) AS DATE) AS join_day, city_id, gender_id, CAST(NULL AS STRING) AS merchant_id
    FROM raw_customers CROSS JOIN params
    UNION ALL
    SELECT 'genders', row_no, fault, first_cell, gender_id, printable(gender_name), NULL, NULL, NULL, NULL, NULL FROM raw_genders
    UNION ALL
    SELECT 'cities', row_no, fault, first_cell, city_id, printable(city_name), NULL, NULL, NULL, NULL, NULL FROM raw_cities
    UNION ALL
    SELECT 'branches', row_no, fault, first_cell, branch_id, printable(branch_name), NULL, NULL, NULL, NULL, merchant_id FROM raw_branches
    UNION ALL
    SELECT 'merchants', row_no, fault, first_cell, merchant_id, printable(merchant_name), NULL, NULL, NULL, NULL, NULL FROM raw_merchants
) AS entry
