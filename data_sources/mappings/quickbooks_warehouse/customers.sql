-- Customers that are no longer active stay: their invoices do.
SELECT
    c.id AS customer_id,
    COALESCE(c.fully_qualified_name, c.display_name) AS name,
    -- A sub-customer (job) belongs to its parent.
    c.parent_customer_id AS parent_id,
    c.email AS email
FROM {{prefix}}customer c
