-- Payments, each on one document, and allocations of credits to invoices, each on both sides.
WITH
invoices AS (
    SELECT
        i.invoice_id AS id,
        i.date AS posted_on
    FROM {{prefix}}invoice i
    WHERE
        i.type = 'ACCREC'
        AND i.status IN ('AUTHORISED', 'PAID')
),

credits AS (
    SELECT
        n.credit_note_id AS id,
        'credit' AS kind,
        n.date AS posted_on
    FROM {{prefix}}credit_note n
    WHERE
        n.type = 'ACCRECCREDIT'
        AND n.status IN ('AUTHORISED', 'PAID')
    UNION ALL
    SELECT
        o.overpayment_id,
        'cash',
        o.date
    FROM {{prefix}}overpayment o
    WHERE
        o.type = 'RECEIVE-OVERPAYMENT'
        AND o.status IN ('AUTHORISED', 'PAID')
    UNION ALL
    SELECT
        p.prepayment_id,
        'cash',
        p.date
    FROM {{prefix}}prepayment p
    WHERE
        p.type = 'RECEIVE-PREPAYMENT'
        AND p.status IN ('AUTHORISED', 'PAID')
),

-- The date of an allocation stands here alone: what an invoice shows of its credits may carry the credit's own date.
given AS (
    SELECT
        a.allocation_id AS id,
        a.credit_note_id AS credit_id,
        a.invoice_id AS invoice_id,
        a.date AS allocated_on,
        a.amount AS amount
    FROM {{prefix}}credit_note_allocation a
    -- An allocation that was taken back is kept and marked.
    WHERE COALESCE(a.is_deleted, FALSE) = FALSE
    UNION ALL
    SELECT
        a.allocation_id,
        a.overpayment_id,
        a.invoice_id,
        a.date,
        a.amount
    FROM {{prefix}}overpayment_allocation a
    WHERE COALESCE(a.is_deleted, FALSE) = FALSE
    UNION ALL
    SELECT
        a.allocation_id,
        a.prepayment_id,
        a.invoice_id,
        a.date,
        a.amount
    FROM {{prefix}}prepayment_allocation a
    WHERE COALESCE(a.is_deleted, FALSE) = FALSE
),

allocated AS (
    SELECT
        g.id AS id,
        g.credit_id AS credit_id,
        g.invoice_id AS invoice_id,
        c.kind AS kind,
        -- The latest of the allocation's date and those of both sides.
        CASE
            WHEN i.posted_on > g.allocated_on AND i.posted_on >= c.posted_on THEN i.posted_on
            WHEN c.posted_on > g.allocated_on THEN c.posted_on
            ELSE g.allocated_on
        END AS settled_on,
        g.amount AS amount
    FROM given g
    INNER JOIN invoices i ON i.id = g.invoice_id
    INNER JOIN credits c ON c.id = g.credit_id
)

SELECT
    'PAY-' || p.payment_id AS settlement_id,
    i.id AS document_id,
    CASE WHEN i.posted_on > p.date THEN i.posted_on ELSE p.date END AS settled_on,
    p.amount AS amount,
    'cash' AS kind
FROM {{prefix}}payment p
INNER JOIN invoices i ON i.id = p.invoice_id
WHERE p.status = 'AUTHORISED'
UNION ALL
-- A payment on a credit gives the money back.
SELECT
    'PAY-' || p.payment_id,
    c.id,
    CASE WHEN c.posted_on > p.date THEN c.posted_on ELSE p.date END,
    -p.amount,
    'refund'
FROM {{prefix}}payment p
INNER JOIN credits c ON c.id = COALESCE(p.credit_note_id, p.overpayment_id, p.prepayment_id)
WHERE p.status = 'AUTHORISED'
UNION ALL
SELECT
    'ALLOC-' || id || '-TO',
    invoice_id,
    settled_on,
    amount,
    kind
FROM allocated
UNION ALL
SELECT
    'ALLOC-' || id || '-FROM',
    credit_id,
    settled_on,
    -amount,
    kind
FROM allocated
