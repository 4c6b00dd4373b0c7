-- A void keeps its row with zero amounts; drafts (estimates, pending orders) are other objects and not read.
-- Amounts come without a sign: credits and payments lower what is owed. Base is the amount times its own rate.
-- Journal entries, deposits and purchases count with what they post to accounts receivable, by customer.
WITH all_documents AS (
    SELECT
        'Invoice-' || id AS document_id,
        customer AS customer_id,
        'invoice' AS kind,
        date AS document_date,
        COALESCE(due, date) AS due_date,
        currency,
        total AS amount,
        home_total AS amount_base,
        number
    FROM invoices
    UNION ALL
    SELECT
        'CreditMemo-' || id AS document_id,
        customer AS customer_id,
        'credit_memo' AS kind,
        date AS document_date,
        date AS due_date,
        currency,
        0 - total AS amount,
        0 - home_total AS amount_base,
        number
    FROM credit_memos
    UNION ALL
    SELECT
        'Payment-' || id AS document_id,
        customer AS customer_id,
        'payment' AS kind,
        date AS document_date,
        date AS due_date,
        currency,
        0 - total AS amount,
        0 - home_total AS amount_base,
        number
    FROM payments
    UNION ALL
    SELECT
        id AS document_id,
        customer AS customer_id,
        'journal' AS kind,
        date AS document_date,
        date AS due_date,
        currency,
        total AS amount,
        home_total AS amount_base,
        number
    FROM journals
)
SELECT
    d.*,
    c.currency AS base_currency,
    c.entity
FROM all_documents AS d
CROSS JOIN company AS c
WHERE d.amount <> 0
