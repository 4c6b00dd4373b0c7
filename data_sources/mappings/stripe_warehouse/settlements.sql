-- What took from invoices. A refund after payment is not among it: it gives money back and opens no invoice again; nor
-- does a chargeback.
WITH
invoices AS (
    SELECT
        i.id AS id,
        i.status AS status,
        i.total AS total,
        -- What the customer's balance gave at finalisation, or took if the customer owed there.
        COALESCE(i.ending_balance - COALESCE(i.starting_balance, 0), 0) AS from_balance,
        i.status_transitions_paid_at AS paid_at,
        CAST(TO_TIMESTAMP(EXTRACT(EPOCH FROM i.status_transitions_finalized_at)) AT TIME ZONE '{{zone}}' AS DATE) AS posted_on,
        CAST(TO_TIMESTAMP(EXTRACT(EPOCH FROM i.status_transitions_paid_at)) AT TIME ZONE '{{zone}}' AS DATE) AS paid_on,
        CAST(TO_TIMESTAMP(EXTRACT(EPOCH FROM i.status_transitions_voided_at)) AT TIME ZONE '{{zone}}' AS DATE) AS voided_on,
        CAST(TO_TIMESTAMP(EXTRACT(EPOCH FROM i.status_transitions_marked_uncollectible_at)) AT TIME ZONE '{{zone}}' AS DATE) AS given_up_on,
        CASE
            WHEN UPPER(i.currency) IN (
                'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
            ) THEN 1
            WHEN UPPER(i.currency) IN ('BHD', 'JOD', 'KWD', 'OMR', 'TND') THEN 1000
            ELSE 100
        END AS factor
    FROM {{prefix}}invoice i
    WHERE
        i.status IN ('open', 'paid', 'uncollectible', 'void')
        AND i.status_transitions_finalized_at IS NOT NULL
        AND COALESCE(i.is_deleted, FALSE) = FALSE
        AND i.livemode = {{livemode}}
        AND i.total <> 0
),

-- Money that came: attempts that failed, and what is authorised but not captured, are no money.
charged AS (
    SELECT
        c.id AS id,
        c.invoice_id AS invoice_id,
        c.amount AS amount,
        c.created AS created,
        MAX(c.created) OVER (PARTITION BY c.invoice_id) AS last_created
    FROM {{prefix}}charge c
    INNER JOIN invoices i ON i.id = c.invoice_id
    WHERE
        c.status = 'succeeded'
        AND c.captured = TRUE
),

notes AS (
    SELECT
        n.id AS id,
        i.id AS invoice_id,
        i.factor AS factor,
        -- What it took from the invoice before that was paid, and what it gave back after.
        n.pre_payment_amount AS before_payment,
        n.post_payment_amount AS after_payment,
        CASE WHEN n.status = 'void' THEN 0 ELSE n.pre_payment_amount END AS lasting,
        n.status AS status,
        n.created AS created,
        CAST(TO_TIMESTAMP(EXTRACT(EPOCH FROM n.created)) AT TIME ZONE '{{zone}}' AS DATE) AS noted_on,
        i.posted_on AS posted_on,
        CAST(TO_TIMESTAMP(EXTRACT(EPOCH FROM n.voided_at)) AT TIME ZONE '{{zone}}' AS DATE) AS voided_on
    FROM {{prefix}}credit_note n
    INNER JOIN invoices i ON i.id = n.invoice_id
    WHERE n.amount <> 0
),

taken AS (
    SELECT
        invoice_id AS invoice_id,
        SUM(amount) AS amount,
        MAX(noted) AS last_noted
    FROM (
        SELECT
            invoice_id AS invoice_id,
            amount AS amount,
            NULL AS noted
        FROM charged
        UNION ALL
        SELECT
            invoice_id,
            lasting,
            CASE WHEN lasting > 0 THEN created END
        FROM notes
    ) parts
    GROUP BY invoice_id
),

-- What nothing above explains. If the invoice is paid, it was paid outside of Stripe, or by a payment that names no
-- invoice. If it is void or given up, nobody will pay it any more.
closed AS (
    SELECT
        i.id AS id,
        i.factor AS factor,
        i.total - i.from_balance - COALESCE(t.amount, 0) AS amount,
        CASE
            WHEN i.status = 'paid' THEN COALESCE(i.paid_on, i.posted_on)
            ELSE COALESCE(i.given_up_on, i.voided_on, i.posted_on)
        END AS settled_on,
        CASE
            WHEN i.status = 'paid' THEN 'cash'
            WHEN i.given_up_on IS NOT NULL THEN 'write_off'
            -- To void an invoice takes the billing back.
            ELSE 'credit'
        END AS kind
    FROM invoices i
    LEFT JOIN taken t ON t.invoice_id = i.id
    WHERE i.status <> 'open'
)

SELECT
    'BAL-' || id AS settlement_id,
    id AS document_id,
    posted_on AS settled_on,
    from_balance * 1.0 / factor AS amount,
    'credit' AS kind
FROM invoices
WHERE from_balance <> 0
UNION ALL
SELECT
    'PAY-' || c.id,
    c.invoice_id,
    -- A bank debit is made days before it succeeds. Where it was the last thing that the invoice needed, that was paid when
    -- the debit succeeded.
    CASE
        WHEN
            i.status = 'paid'
            AND i.paid_at > c.created
            AND c.created = c.last_created
            AND i.total - i.from_balance = t.amount
            AND (t.last_noted IS NULL OR t.last_noted < c.created)
            THEN i.paid_on
        ELSE CAST(TO_TIMESTAMP(EXTRACT(EPOCH FROM c.created)) AT TIME ZONE '{{zone}}' AS DATE)
    END,
    c.amount * 1.0 / i.factor,
    'cash'
FROM charged c
INNER JOIN invoices i ON i.id = c.invoice_id
INNER JOIN taken t ON t.invoice_id = c.invoice_id
UNION ALL
SELECT
    'REST-' || id,
    id,
    settled_on,
    amount * 1.0 / factor,
    kind
FROM closed
WHERE amount <> 0
UNION ALL
-- A credit note, on the invoice and on itself.
SELECT
    'CN-' || id || '-TO',
    invoice_id,
    CASE WHEN posted_on > noted_on THEN posted_on ELSE noted_on END,
    before_payment * 1.0 / factor,
    'credit'
FROM notes
WHERE before_payment <> 0
UNION ALL
SELECT
    'CN-' || id || '-FROM',
    id,
    CASE WHEN posted_on > noted_on THEN posted_on ELSE noted_on END,
    before_payment * -1.0 / factor,
    'credit'
FROM notes
WHERE before_payment <> 0
UNION ALL
-- What it gave beyond the invoice left at once: as a refund, to the customer's balance, or outside of Stripe.
SELECT
    'CN-' || id || '-BACK',
    id,
    noted_on,
    after_payment * -1.0 / factor,
    'refund'
FROM notes
WHERE after_payment <> 0
UNION ALL
-- A credit note that was voided opens the invoice again.
SELECT
    'CN-' || id || '-VOID',
    invoice_id,
    COALESCE(voided_on, noted_on),
    before_payment * -1.0 / factor,
    'credit'
FROM notes
WHERE
    status = 'void'
    AND before_payment <> 0
