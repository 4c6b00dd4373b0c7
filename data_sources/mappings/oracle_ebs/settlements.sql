-- What took from a payment schedule: applications (both sides), discounts, adjustments, and receipts that were reversed.
WITH
applied AS (
    SELECT
        CAST(ra.receivable_application_id AS VARCHAR(40)) AS id,
        ra.status AS status,
        ra.application_type AS application_type,
        ra.payment_schedule_id AS from_id,
        ra.applied_payment_schedule_id AS to_id,
        -- The later of the application's accounting date and those of both sides: what was applied before the other
        -- side was posted is open until then.
        CASE
            WHEN debit.gl_date > ra.gl_date AND debit.gl_date >= credit.gl_date THEN debit.gl_date
            WHEN credit.gl_date > ra.gl_date THEN credit.gl_date
            ELSE ra.gl_date
        END AS settled_on,
        ra.amount_applied AS amount_to,
        -- Filled where receipt and invoice have different currencies: the part in the receipt's own.
        COALESCE(ra.amount_applied_from, ra.amount_applied) AS amount_from,
        ra.acctd_amount_applied_to AS base_to,
        ra.acctd_amount_applied_from AS base_from,
        COALESCE(ra.earned_discount_taken, 0) + COALESCE(ra.unearned_discount_taken, 0) AS discount,
        COALESCE(ra.acctd_earned_discount_taken, 0) + COALESCE(ra.acctd_unearned_discount_taken, 0) AS base_discount
    FROM ar_receivable_applications_all ra
    INNER JOIN ar_payment_schedules_all credit ON credit.payment_schedule_id = ra.payment_schedule_id
    LEFT JOIN ar_payment_schedules_all debit
        ON debit.payment_schedule_id = ra.applied_payment_schedule_id
        AND debit.payment_schedule_id > 0
    WHERE
        -- UNAPP, ACC, UNID and OTHER ACC say where the rest of a receipt stands: still open, still a credit.
        ra.status IN ('APP', 'ACTIVITY')
        AND ra.payment_schedule_id > 0
        AND COALESCE(ra.confirmed_flag, 'Y') = 'Y'
),

-- All rows of a receipt, whatever their status, sum to its amount: an application and the UNAPP row against it cancel
-- out. What is left on any other day took the receipt itself away: a reversal. A receipt that is reversed by a debit
-- memo stays as it is, and so do its rows.
moved AS (
    SELECT
        ps.payment_schedule_id AS id,
        ps.gl_date AS gl_date,
        ps.amount_due_original AS amount,
        ROUND(ps.amount_due_original * COALESCE(ps.exchange_rate, 1), COALESCE(fc.precision, 2)) AS base
    FROM ar_payment_schedules_all ps
    LEFT JOIN ar_cash_receipts_all cr ON cr.cash_receipt_id = ps.cash_receipt_id
    LEFT JOIN ar_system_parameters_all sp ON sp.org_id = ps.org_id
    LEFT JOIN gl_ledgers led ON led.ledger_id = sp.set_of_books_id
    LEFT JOIN fnd_currencies fc ON fc.currency_code = led.currency_code
    WHERE
        ps.class = 'PMT'
        AND ps.payment_schedule_id > 0
        AND COALESCE(ps.receipt_confirmed_flag, 'Y') = 'Y'
        AND COALESCE(cr.confirmed_flag, 'Y') = 'Y'
    UNION ALL
    SELECT
        ps.payment_schedule_id,
        -- An application may be dated before the receipt; the receipt's first row never counts before it either.
        CASE WHEN ra.gl_date > ps.gl_date THEN ra.gl_date ELSE ps.gl_date END,
        COALESCE(ra.amount_applied_from, ra.amount_applied),
        ra.acctd_amount_applied_from
    FROM ar_receivable_applications_all ra
    INNER JOIN ar_payment_schedules_all ps
        ON ps.cash_receipt_id = ra.cash_receipt_id
        AND ps.class = 'PMT'
        AND ps.payment_schedule_id > 0
    WHERE
        ra.application_type = 'CASH'
        AND COALESCE(ra.confirmed_flag, 'Y') = 'Y'
),

reversed AS (
    SELECT
        id,
        gl_date,
        ROUND(SUM(amount), 6) AS amount,
        ROUND(SUM(base), 6) AS base
    FROM moved
    GROUP BY
        id,
        gl_date
    HAVING ROUND(SUM(amount), 6) <> 0
)

-- On the invoice that is paid, in its own currency and at its own rate.
SELECT
    'TO-' || id AS settlement_id,
    CAST(to_id AS VARCHAR(40)) AS document_id,
    settled_on AS settled_on,
    amount_to AS amount,
    base_to AS amount_base,
    CASE WHEN application_type = 'CM' THEN 'credit' ELSE 'cash' END AS kind
FROM applied
WHERE
    -- An activity (refund, write-off …) has no document on its other side, or one with a row of its own.
    status = 'APP'
    AND to_id > 0
UNION ALL
-- The discount comes on top of the amount applied, on the invoice only.
SELECT
    'DISC-' || id,
    CAST(to_id AS VARCHAR(40)),
    settled_on,
    discount,
    base_discount,
    'discount'
FROM applied
WHERE
    status = 'APP'
    AND to_id > 0
    AND discount <> 0
UNION ALL
-- On the receipt or the credit memo that pays: negative as they are.
SELECT
    'FROM-' || id,
    CAST(from_id AS VARCHAR(40)),
    settled_on,
    -amount_from,
    -base_from,
    CASE
        WHEN status = 'ACTIVITY' AND to_id = -3 THEN 'write_off'
        WHEN status = 'ACTIVITY' AND to_id IN (-6, -8, -9) THEN 'refund'
        WHEN status = 'ACTIVITY' AND to_id < 0 THEN 'other'
        WHEN application_type = 'CM' THEN 'credit'
        ELSE 'cash'
    END
FROM applied
UNION ALL
-- A bounced receipt gives its cash back: with kind cash, what was collected nets to nothing.
SELECT
    'REV-' || CAST(id AS VARCHAR(40)) || '-' || CAST(gl_date AS VARCHAR(40)),
    CAST(id AS VARCHAR(40)),
    gl_date,
    amount,
    base,
    'cash'
FROM reversed
UNION ALL
-- Adjustments: negative ones take from the debt. Only approved ones count.
SELECT
    'ADJ-' || CAST(adj.adjustment_id AS VARCHAR(40)),
    CAST(adj.payment_schedule_id AS VARCHAR(40)),
    CASE WHEN ps.gl_date > adj.gl_date THEN ps.gl_date ELSE adj.gl_date END,
    -adj.amount,
    -adj.acctd_amount,
    CASE
        -- The debt goes on under another number: a chargeback, a bill receivable, a deposit that is drawn on.
        WHEN adj.chargeback_customer_trx_id IS NOT NULL THEN 'other'
        WHEN adj.subsequent_trx_id IS NOT NULL THEN 'other'
        WHEN adj.receivables_trx_id = -15 THEN 'other'
        -- Finance charges raise the debt.
        WHEN adj.type = 'CHARGES' AND adj.amount > 0 THEN 'other'
        ELSE 'write_off'
    END
FROM ar_adjustments_all adj
INNER JOIN ar_payment_schedules_all ps ON ps.payment_schedule_id = adj.payment_schedule_id
WHERE
    adj.status = 'A'
    AND adj.payment_schedule_id > 0
