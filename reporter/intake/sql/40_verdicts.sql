-- The verdict on each transaction row: rejected for one reason, or kept (reason null).
-- takes:  labelled, horizon, params
-- yields: one row per raw row
SELECT
    seen.*,
    CASE
        WHEN early_reason IS NOT NULL THEN early_reason
        WHEN day > last_plausible THEN 'implausible-date'
        WHEN day >= as_of THEN 'after-as-of'
        WHEN is_refund AND policy = 'exclude' THEN 'refund-excluded'
    END AS reason
FROM (
    SELECT
        labelled.*, params.*, horizon.as_of, horizon.first_plausible, horizon.last_plausible,
        coalesce(labelled.amount < 0, FALSE) OR labelled.says_refund AS is_refund,
        CASE WHEN params.burned_by_date THEN labelled.has_burn_text ELSE labelled.says_burned END AS said_burned
    FROM labelled
    CROSS JOIN params
    CROSS JOIN horizon
) AS seen
