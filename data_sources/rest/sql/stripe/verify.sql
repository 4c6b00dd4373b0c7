-- What Stripe says is open now. Of an invoice that was voided or given up Stripe keeps the rest, which is owed no more.
SELECT
    id AS document_id,
    customer AS customer_id,
    currency,
    CASE WHEN status = 'open' THEN amount_remaining ELSE 0 END AS amount
FROM invoices
WHERE finalized_on IS NOT NULL
