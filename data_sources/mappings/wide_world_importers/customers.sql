SELECT
    c.CustomerID AS customer_id,
    c.CustomerName AS name,
    -- The shops of a chain are billed to its head office, which is billed to itself.
    CASE WHEN c.BillToCustomerID <> c.CustomerID THEN c.BillToCustomerID END AS parent_id,
    cat.CustomerCategoryName AS segment,
    sp.SalesTerritory AS region,
    co.CountryName AS country,
    c.CreditLimit AS credit_limit,
    c.PaymentDays AS terms_days
FROM {{sales}}Customers c
LEFT JOIN {{sales}}CustomerCategories cat ON cat.CustomerCategoryID = c.CustomerCategoryID
LEFT JOIN {{application}}Cities ci ON ci.CityID = c.DeliveryCityID
LEFT JOIN {{application}}StateProvinces sp ON sp.StateProvinceID = ci.StateProvinceID
LEFT JOIN {{application}}Countries co ON co.CountryID = sp.CountryID
