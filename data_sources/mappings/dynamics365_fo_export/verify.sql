-- Dynamics' own word on what is open now: it keeps a row for each due date that is not settled in full.
SELECT
    CAST(o.refrecid AS VARCHAR(20)) AS document_id,
    COALESCE(CAST(MAX(c.recid) AS VARCHAR(20)), MAX(o.accountnum)) AS customer_id,
    MAX(t.currencycode) AS currency,
    SUM(o.amountcur) AS amount
FROM custtransopen o
LEFT JOIN custtrans t ON t.recid = o.refrecid AND t.dataareaid = o.dataareaid
LEFT JOIN custtable c ON c.accountnum = o.accountnum AND c.dataareaid = o.dataareaid
GROUP BY o.refrecid
