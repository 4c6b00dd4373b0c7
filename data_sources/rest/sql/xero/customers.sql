-- Archived contacts too: they may still owe.
SELECT
    id AS customer_id,
    name,
    country,
    email
FROM contacts
