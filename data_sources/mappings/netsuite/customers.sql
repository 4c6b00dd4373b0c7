SELECT
    CAST(c.id AS VARCHAR(40)) AS customer_id,
    -- A person has no company name; altname holds the name of either.
    COALESCE(c.companyname, c.altname, c.entityid) AS name,
    -- A customer may be a part of another.
    CAST(c.parent AS VARCHAR(40)) AS parent_id,
    c.creditlimit AS credit_limit,
    c.email AS email
FROM {{prefix}}customer c
