-- Finalised invoices and their credit notes. Stripe counts time in UTC: each moment becomes the company's own day.
WITH
invoices AS (
    SELECT
        i.id AS id,
        i.customer_id AS customer_id,
        i.number AS invoice_number,
        UPPER(i.currency) AS currency,
        DATE(i.status_transitions_finalized_at, '{{zone}}') AS posted_on,
        DATE(i.due_date, '{{zone}}') AS due_on,
        i.total AS total,
        -- Amounts are whole numbers of the smallest unit, which is not always a hundredth. Stripe counts ISK and
        -- UGX in hundredths, though they have none.
        CASE
            WHEN UPPER(i.currency) IN (
                'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
            ) THEN 1
            WHEN UPPER(i.currency) IN ('BHD', 'JOD', 'KWD', 'OMR', 'TND') THEN 1000
            ELSE 100
        END AS factor
    FROM {{prefix}}invoice i
    WHERE
        -- A draft is no invoice yet: it has no moment of finalisation.
        i.status IN ('open', 'paid', 'uncollectible', 'void')
        AND i.status_transitions_finalized_at IS NOT NULL
        AND COALESCE(i.is_deleted, FALSE) = FALSE
        AND i.livemode = {{livemode}}
        -- Nothing was ever owed, as in a trial.
        AND i.total <> 0
)

SELECT
    id AS document_id,
    customer_id AS customer_id,
    '{{entity}}' AS entity,
    -- An invoice below zero is a credit, which goes to the customer's balance.
    CASE WHEN total < 0 THEN 'credit_memo' ELSE 'invoice' END AS kind,
    posted_on AS document_date,
    -- What is charged by itself has no due date: it is due at once.
    COALESCE(due_on, posted_on) AS due_date,
    currency AS currency,
    -- The total, not what is due: that has the customer's balance in it, and credit notes lower it afterwards.
    total * 1.0 / factor AS amount,
    invoice_number AS number
FROM invoices
UNION ALL
SELECT
    n.id,
    i.customer_id,
    '{{entity}}',
    'credit_memo',
    DATE(n.created, '{{zone}}'),
    NULL,
    i.currency,
    n.amount * -1.0 / i.factor,
    n.number
FROM {{prefix}}credit_note n
INNER JOIN invoices i ON i.id = n.invoice_id
WHERE n.amount <> 0
