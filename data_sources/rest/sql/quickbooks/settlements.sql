-- Applications stand in the lines of payments. QuickBooks keeps no day of the application: it counts from the later of
-- the days of the payment and of both documents. A credit memo is applied by a payment of 0 that names both.
WITH dated AS (
    SELECT 'Invoice-' || id AS document_id, date FROM invoices
    UNION ALL
    SELECT 'CreditMemo-' || id AS document_id, date FROM credit_memos
    UNION ALL
    SELECT id AS document_id, date FROM journals
),
links AS (
    SELECT
        l.payment || '/' || l.number AS id,
        l.payment,
        l.debit,
        l.credit,
        l.amount,
        GREATEST(p.date, d.date, c.date) AS settled_on,
        CASE
            -- Money that a purchase gave back to the customer.
            WHEN l.debit LIKE 'Purchase-%' THEN 'refund'
            WHEN l.credit IS NULL OR l.credit LIKE 'Deposit-%' THEN 'cash'
            ELSE 'credit'
        END AS kind
    FROM payment_links AS l
    JOIN payments AS p ON 'Payment-' || p.id = l.payment
    LEFT JOIN dated AS d ON d.document_id = l.debit
    LEFT JOIN dated AS c ON c.document_id = l.credit
)
SELECT
    id || '/debit' AS settlement_id,
    COALESCE(debit, payment) AS document_id,
    settled_on,
    amount,
    kind
FROM links
UNION ALL
SELECT
    id || '/credit' AS settlement_id,
    COALESCE(credit, payment) AS document_id,
    settled_on,
    0 - amount AS amount,
    kind
FROM links
UNION ALL
-- A deposit taken on the invoice itself: it never comes to receivables.
SELECT
    'Invoice-' || id || '/deposit' AS settlement_id,
    'Invoice-' || id AS document_id,
    date AS settled_on,
    deposit AS amount,
    'cash' AS kind
FROM invoices
WHERE deposit <> 0
