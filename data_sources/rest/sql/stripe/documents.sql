-- Invoices from the day they were finalized (drafts are no claims), and credit notes.
-- ending_balance - starting_balance is what finalizing moved between the invoice and the customer's balance: above 0 a
-- credit was used up, below 0 an older debt was put onto the invoice, which then asks for more than its total.
WITH invoiced AS (
    SELECT
        *,
        COALESCE(ending_balance - starting_balance, 0) AS moved
    FROM invoices
    WHERE finalized_on IS NOT NULL
),
all_documents AS (
    SELECT
        id AS document_id,
        customer AS customer_id,
        CASE WHEN total < 0 THEN 'credit_memo' ELSE 'invoice' END AS kind,
        COALESCE(effective_on, finalized_on) AS document_date,
        finalized_on AS posting_date,
        -- Without a due date Stripe charges at once.
        COALESCE(due_on, effective_on, finalized_on) AS due_date,
        currency,
        CASE WHEN total >= 0 AND moved < 0 THEN total - moved ELSE total END AS amount,
        number
    FROM invoiced
    UNION ALL
    SELECT
        id AS document_id,
        customer AS customer_id,
        'credit_memo' AS kind,
        COALESCE(effective_on, created_on) AS document_date,
        created_on AS posting_date,
        COALESCE(effective_on, created_on) AS due_date,
        currency,
        0 - total AS amount,
        number
    FROM credit_notes
)
SELECT
    d.*,
    c.entity
FROM all_documents AS d
CROSS JOIN company AS c
