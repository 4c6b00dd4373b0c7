-- The sample's own word on what is open now.
SELECT
    t.CustomerTransactionID AS document_id,
    t.CustomerID AS customer_id,
    '{{currency}}' AS currency,
    t.OutstandingBalance AS amount
FROM {{sales}}CustomerTransactions t
WHERE t.OutstandingBalance <> 0
