-- Which lookup rows count. Of rows with one id only one is kept, so that no join ever multiplies rows: the one whose content
-- comes first in the alphabet, whatever the order of the rows. Who joins on or after an as-of date that the user said is not known yet.
-- takes:  entries, params
-- yields: entries with reason (null: kept) and twin_row (the row that is kept instead)
SELECT
    table_name, row_no, id, name, join_date, join_day, city_id, gender_id, merchant_id, first_cell,
    CASE
        WHEN fault IS NOT NULL THEN fault
        WHEN is_summary THEN 'summary-line'
        WHEN is_header THEN 'repeated-header'
        WHEN id IS NULL THEN 'no-id'
        WHEN joins_later THEN 'joins-later'
        WHEN place > 1 AND content = first_content THEN 'identical-duplicate'
        WHEN place > 1 THEN 'conflicting-duplicate'
    END AS reason,
    CASE WHEN place > 1 THEN first_row END AS twin_row
FROM (
    SELECT
        numbered.*,
        min(content) OVER (PARTITION BY table_name, id, is_sound) AS first_content,
        min(CASE WHEN place = 1 THEN row_no END) OVER (PARTITION BY table_name, id, is_sound) AS first_row
    FROM (
        SELECT
            sound.*,
            row_number() OVER (PARTITION BY table_name, id, is_sound ORDER BY content, row_no) AS place
        FROM (
            SELECT
                summed.*,
                fault IS NULL AND id IS NOT NULL AND NOT is_summary AND NOT is_header AND NOT joins_later AS is_sound
            FROM (
                SELECT
                    entries.*,
                    coalesce(join_day >= CAST(until AS DATE), FALSE) AS joins_later,
                    join_date IS NULL AND join_day IS NULL AND says_total(coalesce(first_cell, id)) AS is_summary,
                    coalesce(id = CASE table_name
                        WHEN 'customers' THEN header_customers
                        WHEN 'genders' THEN header_genders
                        WHEN 'cities' THEN header_cities
                        WHEN 'branches' THEN header_branches
                        WHEN 'merchants' THEN header_merchants
                    END, FALSE) AS is_header
                FROM entries CROSS JOIN params
            ) AS summed
        ) AS sound
    ) AS numbered
) AS twins
