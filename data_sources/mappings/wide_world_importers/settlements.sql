-- There is no table of applications. A transaction is open until its FinalizationDate and then closed as a whole: what a
-- payment pays is finalised on the payment's own day.
SELECT
    t.CustomerTransactionID AS settlement_id,
    t.CustomerTransactionID AS document_id,
    t.FinalizationDate AS settled_on,
    t.TransactionAmount AS amount,
    CASE
        WHEN tt.TransactionTypeName = 'Customer Payment Received' THEN 'cash'
        WHEN tt.TransactionTypeName = 'Customer Credit Note' THEN 'credit'
        WHEN tt.TransactionTypeName <> 'Customer Invoice' THEN 'other'
        -- An invoice was paid if money of the customer was finalised with it, else something else took it away.
        WHEN EXISTS (
            SELECT 1
            FROM {{sales}}CustomerTransactions p
            INNER JOIN {{application}}TransactionTypes pt ON pt.TransactionTypeID = p.TransactionTypeID
            WHERE
                pt.TransactionTypeName = 'Customer Payment Received'
                AND p.CustomerID = t.CustomerID
                AND p.FinalizationDate = t.FinalizationDate
        ) THEN 'cash'
        ELSE 'credit'
    END AS kind
FROM {{sales}}CustomerTransactions t
INNER JOIN {{application}}TransactionTypes tt ON tt.TransactionTypeID = t.TransactionTypeID
WHERE t.FinalizationDate IS NOT NULL
