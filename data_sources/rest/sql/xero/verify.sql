-- What Xero says is open now.
SELECT id AS document_id, customer AS customer_id, currency, open AS amount FROM invoices
UNION ALL
SELECT id AS document_id, customer AS customer_id, currency, 0 - open AS amount FROM credits
