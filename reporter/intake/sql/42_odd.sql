-- The transaction rows that somebody should look at: rejected, or kept with something odd.
-- takes:  judged
SELECT
    row_no, twin_row, reason, lacks_id, lacks_customer, lacks_branch, is_before_join, is_long_before, is_burn_before_claim, is_later_burn,
    lacks_burn_date, has_bad_burn_date, has_needless_burn_date, has_odd_status, is_free, is_refund, is_repeated_line
FROM judged
WHERE reason IS NOT NULL OR lacks_id OR lacks_customer OR lacks_branch OR is_before_join OR is_long_before OR is_burn_before_claim
    OR is_later_burn OR lacks_burn_date OR has_bad_burn_date OR has_needless_burn_date OR has_odd_status OR is_free OR is_refund
    OR is_repeated_line
