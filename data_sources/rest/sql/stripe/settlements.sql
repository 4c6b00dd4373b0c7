-- What closes an invoice, by its own day. Money is one-sided: a charge belongs to its invoice and never stands alone.
WITH invoiced AS (
    SELECT
        *,
        COALESCE(ending_balance - starting_balance, 0) AS moved,
        CASE
            WHEN total >= 0 AND COALESCE(ending_balance - starting_balance, 0) < 0
                THEN total - COALESCE(ending_balance - starting_balance, 0)
            ELSE total
        END AS amount
    FROM invoices
    WHERE finalized_on IS NOT NULL
),
-- The customer's balance: a credit used up; a sum too small to charge, kept for the next invoice; or an invoice below
-- zero, whose credit goes to the balance at once.
balance AS (
    SELECT
        id || ':balance' AS settlement_id,
        id AS document_id,
        finalized_on AS settled_on,
        moved AS amount,
        'credit' AS kind
    FROM invoiced
    WHERE moved > 0 OR (total < 0 AND moved < 0)
),
paid AS (
    SELECT
        p.id AS settlement_id,
        p.invoice AS document_id,
        GREATEST(p.paid_on, i.finalized_on) AS settled_on,
        p.amount_paid AS amount,
        'cash' AS kind
    FROM invoice_payments AS p
    JOIN invoiced AS i ON i.id = p.invoice
    WHERE p.status = 'paid' AND p.amount_paid <> 0
),
-- A credit note lowers what is open on its invoice; what goes beyond that was paid already, and is given back.
credited AS (
    SELECT
        n.id || ':invoice' AS settlement_id,
        n.invoice AS document_id,
        GREATEST(n.created_on, i.finalized_on) AS settled_on,
        n.pre_payment_amount AS amount,
        'credit' AS kind
    FROM credit_notes AS n
    JOIN invoiced AS i ON i.id = n.invoice
    WHERE n.pre_payment_amount <> 0
    UNION ALL
    -- A voided credit note opens its invoice again, from that day.
    SELECT
        n.id || ':void' AS settlement_id,
        n.invoice AS document_id,
        GREATEST(n.voided_on, n.created_on, i.finalized_on) AS settled_on,
        0 - n.pre_payment_amount AS amount,
        'credit' AS kind
    FROM credit_notes AS n
    JOIN invoiced AS i ON i.id = n.invoice
    WHERE n.status = 'void' AND n.pre_payment_amount <> 0
),
parts AS (
    SELECT * FROM balance
    UNION ALL
    SELECT * FROM paid
    UNION ALL
    SELECT * FROM credited
),
closed_by AS (
    SELECT document_id, SUM(amount) AS amount FROM parts GROUP BY document_id
),
-- Given up: all that was open on that day. What is paid or credited later takes as much of the loss back.
before_loss AS (
    SELECT
        i.id,
        SUM(CASE WHEN p.settled_on <= i.uncollectible_on THEN p.amount ELSE 0 END) AS amount
    FROM invoiced AS i
    JOIN parts AS p ON p.document_id = i.id
    WHERE i.uncollectible_on IS NOT NULL
    GROUP BY i.id
),
lost AS (
    SELECT
        i.id || ':uncollectible' AS settlement_id,
        i.id AS document_id,
        i.uncollectible_on AS settled_on,
        i.amount - COALESCE(b.amount, 0) AS amount,
        'write_off' AS kind
    FROM invoiced AS i
    LEFT JOIN before_loss AS b ON b.id = i.id
    WHERE i.uncollectible_on IS NOT NULL
    UNION ALL
    SELECT
        p.settlement_id || ':recovered' AS settlement_id,
        p.document_id,
        p.settled_on,
        0 - p.amount AS amount,
        'write_off' AS kind
    FROM parts AS p
    JOIN invoiced AS i ON i.id = p.document_id
    WHERE i.uncollectible_on IS NOT NULL AND p.settled_on > i.uncollectible_on
),
-- Paid though no payment says so: marked as paid by hand, or older than Stripe's list of payments.
by_hand AS (
    SELECT
        i.id || ':paid' AS settlement_id,
        i.id AS document_id,
        COALESCE(i.paid_on, i.finalized_on) AS settled_on,
        i.amount - COALESCE(c.amount, 0) AS amount,
        'cash' AS kind
    FROM invoiced AS i
    LEFT JOIN closed_by AS c ON c.document_id = i.id
    WHERE i.status = 'paid' AND i.amount > COALESCE(c.amount, 0)
),
-- Recovered by hand: the loss is taken back by what was paid in the end.
recovered_by_hand AS (
    SELECT
        h.settlement_id || ':recovered' AS settlement_id,
        h.document_id,
        h.settled_on,
        0 - h.amount AS amount,
        'write_off' AS kind
    FROM by_hand AS h
    JOIN invoiced AS i ON i.id = h.document_id
    WHERE i.uncollectible_on IS NOT NULL
),
-- Voided: from that day it never was owed. What had been given up before is a cancellation after all.
voided AS (
    SELECT
        i.id || ':void' AS settlement_id,
        i.id AS document_id,
        i.voided_on AS settled_on,
        i.amount - COALESCE(c.amount, 0) AS amount,
        'credit' AS kind
    FROM invoiced AS i
    LEFT JOIN closed_by AS c ON c.document_id = i.id
    WHERE i.status = 'void'
    UNION ALL
    SELECT
        i.id || ':void:recovered' AS settlement_id,
        i.id AS document_id,
        i.voided_on AS settled_on,
        COALESCE(c.amount, 0) - i.amount AS amount,
        'write_off' AS kind
    FROM invoiced AS i
    LEFT JOIN closed_by AS c ON c.document_id = i.id
    WHERE i.status = 'void' AND i.uncollectible_on IS NOT NULL
),
-- The other side of a credit note, which never stays open: applied to its invoice, or given back on the same day.
notes AS (
    SELECT
        id || ':applied' AS settlement_id,
        id AS document_id,
        created_on AS settled_on,
        0 - pre_payment_amount AS amount,
        'credit' AS kind
    FROM credit_notes
    WHERE pre_payment_amount <> 0
    UNION ALL
    SELECT
        id || ':refunded' AS settlement_id,
        id AS document_id,
        created_on AS settled_on,
        pre_payment_amount - total AS amount,
        'refund' AS kind
    FROM credit_notes
    WHERE total <> pre_payment_amount
)
SELECT * FROM parts
UNION ALL
SELECT * FROM lost WHERE amount <> 0
UNION ALL
SELECT * FROM by_hand
UNION ALL
SELECT * FROM recovered_by_hand
UNION ALL
SELECT * FROM voided WHERE amount <> 0
UNION ALL
SELECT * FROM notes
