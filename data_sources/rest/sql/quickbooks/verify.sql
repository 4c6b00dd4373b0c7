-- What QuickBooks says is open now. Of what journal entries, deposits and purchases post to receivables it says nothing
-- by document: a company that has such is compared customer by customer, with their balances.
WITH others AS (
    SELECT COUNT(*) AS number FROM journals
),
documents AS (
    SELECT 'Invoice-' || id AS document_id, customer AS customer_id, currency, open AS amount FROM invoices
    UNION ALL
    SELECT 'CreditMemo-' || id AS document_id, customer AS customer_id, currency, 0 - open AS amount FROM credit_memos
    UNION ALL
    SELECT 'Payment-' || id AS document_id, customer AS customer_id, currency, 0 - open AS amount FROM payments
),
balances AS (
    SELECT CAST(NULL AS VARCHAR) AS document_id, id AS customer_id, currency, balance AS amount FROM customers
    WHERE balance IS NOT NULL
)
SELECT d.* FROM documents AS d
CROSS JOIN others AS o
WHERE o.number = 0
UNION ALL
SELECT b.* FROM balances AS b
CROSS JOIN others AS o
WHERE o.number > 0
