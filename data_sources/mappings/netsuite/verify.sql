-- NetSuite's own word on what is open now. Of journals only the lines have it.
SELECT
    CAST(t.id AS VARCHAR(40)) AS document_id,
    CAST(t.entity AS VARCHAR(40)) AS customer_id,
    c.symbol AS currency,
    CASE
        WHEN t.type IN ('CustInvc', 'CustChrg') THEN t.foreignamountunpaid
        ELSE -t.foreignpaymentamountunused
    END AS amount
FROM {{prefix}}transaction t
LEFT JOIN {{prefix}}currency c ON c.id = t.currency
WHERE
    -- Customer deposits have an unused amount too, and are no receivable.
    t.type IN ('CustInvc', 'CustChrg', 'CustCred', 'CustPymt')
    AND t.posting = 'T'
    AND COALESCE(t.voided, 'F') = 'F'
    AND CASE
        WHEN t.type IN ('CustInvc', 'CustChrg') THEN t.foreignamountunpaid
        ELSE t.foreignpaymentamountunused
    END <> 0
UNION ALL
SELECT
    CAST(t.id AS VARCHAR(40)) || '-' || CAST(COALESCE(tl.entity, t.entity) AS VARCHAR(40)),
    CAST(COALESCE(tl.entity, t.entity) AS VARCHAR(40)),
    c.symbol,
    SUM(COALESCE(tl.foreignamountunpaid, 0) - COALESCE(tl.foreignpaymentamountunused, 0))
FROM {{prefix}}transactionaccountingline tal
INNER JOIN {{prefix}}account a ON a.id = tal.account
INNER JOIN {{prefix}}transaction t ON t.id = tal.transaction
INNER JOIN {{prefix}}transactionline tl
    ON tl.transaction = tal.transaction
    AND tl.id = tal.transactionline
LEFT JOIN {{prefix}}currency c ON c.id = t.currency
WHERE
    a.accttype = 'AcctRec'
    AND tal.accountingbook = {{book}}
    AND tal.posting = 'T'
    AND t.posting = 'T'
    AND COALESCE(t.voided, 'F') = 'F'
    AND t.type = 'Journal'
GROUP BY
    t.id,
    COALESCE(tl.entity, t.entity),
    c.symbol
