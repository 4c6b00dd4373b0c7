-- Inactive customers too: they may still owe.
SELECT
    id AS customer_id,
    name,
    parent AS parent_id,
    country,
    email
FROM customers
