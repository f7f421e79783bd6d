-- takes:     customer_places
-- yields:    favourites, one row per customer who bought at a named merchant: the one with most sales, ties by name
select customer_id, merchant as top_merchant
from (
    select
        customer_id,
        merchant,
        row_number() over (partition by customer_id order by sum(sales) desc, merchant) as place
    from customer_places
    where merchant is not null
    group by customer_id, merchant
) as counted
where place = 1
