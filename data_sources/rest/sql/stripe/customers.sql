-- A customer that was deleted is in no list any more, while its invoices are: it is known by what they say of it.
WITH known AS (
    SELECT
        id,
        COALESCE(name, description, email, id) AS name,
        country,
        email
    FROM customers
),
gone AS (
    SELECT
        i.customer AS id,
        MAX(COALESCE(i.customer_name, i.customer_email, i.customer)) AS name,
        MAX(i.customer_country) AS country,
        MAX(i.customer_email) AS email
    FROM invoices AS i
    WHERE NOT EXISTS (SELECT 1 FROM customers AS c WHERE c.id = i.customer)
    GROUP BY i.customer
)
SELECT id AS customer_id, name, country, email FROM known
UNION ALL
SELECT id AS customer_id, name, country, email FROM gone
