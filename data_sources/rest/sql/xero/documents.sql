-- Approved sales invoices and what lowers them; drafts, voided and deleted ones are not read.
-- Amounts come without a sign. Base is the amount divided by its rate, which is foreign per base.
-- Payments have no row of their own: each belongs to one document, and no part of it stays open.
WITH all_documents AS (
    SELECT
        id AS document_id,
        customer AS customer_id,
        'invoice' AS kind,
        date AS document_date,
        COALESCE(due, date) AS due_date,
        currency,
        total AS amount,
        base_total AS amount_base,
        number
    FROM invoices
    UNION ALL
    SELECT
        id AS document_id,
        customer AS customer_id,
        CASE WHEN type = 'CreditNotes' THEN 'credit_memo' ELSE 'payment' END AS kind,
        date AS document_date,
        date AS due_date,
        currency,
        0 - total AS amount,
        0 - base_total AS amount_base,
        number
    FROM credits
)
SELECT
    d.*,
    c.currency AS base_currency,
    c.entity
FROM all_documents AS d
CROSS JOIN company AS c
WHERE d.amount <> 0
