-- Customers that were deleted stay: their invoices do.
SELECT
    c.id AS customer_id,
    COALESCE(c.name, c.description, c.email, c.id) AS name,
    c.address_country AS country,
    c.email AS email
FROM {{prefix}}customer c
WHERE c.livemode = {{livemode}}
