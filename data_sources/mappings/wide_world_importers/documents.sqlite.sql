SELECT
    t.CustomerTransactionID AS document_id,
    -- Who is billed: of a chain its head office.
    t.CustomerID AS customer_id,
    'Wide World Importers' AS entity,
    CASE tt.TransactionTypeName
        WHEN 'Customer Invoice' THEN 'invoice'
        WHEN 'Customer Credit Note' THEN 'credit_memo'
        WHEN 'Customer Payment Received' THEN 'payment'
        -- Refunds and contras.
        ELSE 'journal'
    END AS kind,
    t.TransactionDate AS document_date,
    -- No due date is stored: it is so many days after the invoice as the customer has to pay.
    CASE
        WHEN tt.TransactionTypeName = 'Customer Invoice'
            THEN DATE(t.TransactionDate, c.PaymentDays || ' days')
    END AS due_date,
    '{{currency}}' AS currency,
    -- With its sign: invoices raise the debt, payments are negative. OutstandingBalance is what is left now, and is read
    -- by verify only.
    t.TransactionAmount AS amount,
    t.InvoiceID AS number
FROM {{sales}}CustomerTransactions t
INNER JOIN {{application}}TransactionTypes tt ON tt.TransactionTypeID = t.TransactionTypeID
LEFT JOIN {{sales}}Customers c ON c.CustomerID = t.CustomerID
