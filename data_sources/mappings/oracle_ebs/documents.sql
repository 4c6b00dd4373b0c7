-- One row a payment schedule: Oracle keeps one for each due date of every transaction and one for each receipt, so that
-- instalments are rows already. Debits are positive there, credit memos and receipts negative.
SELECT
    CAST(ps.payment_schedule_id AS VARCHAR(40)) AS document_id,
    CAST(ps.customer_id AS VARCHAR(40)) AS customer_id,
    COALESCE(ou.name, CAST(ps.org_id AS VARCHAR(40))) AS entity,
    CASE
        WHEN ps.class = 'PMT' THEN 'payment'
        WHEN ps.class = 'CM' THEN 'credit_memo'
        -- A debit memo that takes back a bounced receipt bills nothing new.
        WHEN ps.reversed_cash_receipt_id IS NOT NULL THEN 'journal'
        WHEN ps.class IN ('INV', 'DEP') THEN 'invoice'
        WHEN ps.class = 'DM' THEN 'debit_memo'
        -- A chargeback or a bill receivable is an old debt under a new number; so is a guarantee's side of an invoice.
        WHEN ps.class IN ('CB', 'BR', 'GUAR') THEN 'journal'
        ELSE ps.class
    END AS kind,
    ps.trx_date AS document_date,
    -- Oracle's aging asks for the accounting date, not for the transaction's.
    ps.gl_date AS posting_date,
    ps.due_date AS due_date,
    ps.invoice_currency_code AS currency,
    -- The amount as it was at first. AMOUNT_DUE_REMAINING is what it is now, and is read by verify only.
    ps.amount_due_original AS amount,
    -- Payment schedules keep no original amount in the ledger's currency: Oracle rounds amount × rate to the ledger
    -- currency's own decimals. A rate is empty where the two currencies are one.
    ROUND(ps.amount_due_original * COALESCE(ps.exchange_rate, 1), COALESCE(fc.precision, 2)) AS amount_base,
    led.currency_code AS base_currency,
    -- What is in dispute now; there is no history of it.
    CASE WHEN COALESCE(ps.amount_in_dispute, 0) <> 0 THEN 1 ELSE 0 END AS disputed,
    ps.trx_number AS "number"
FROM ar_payment_schedules_all ps
LEFT JOIN ar_cash_receipts_all cr ON cr.cash_receipt_id = ps.cash_receipt_id
LEFT JOIN hr_all_organization_units ou ON ou.organization_id = ps.org_id
LEFT JOIN ar_system_parameters_all sp ON sp.org_id = ps.org_id
LEFT JOIN gl_ledgers led ON led.ledger_id = sp.set_of_books_id
LEFT JOIN fnd_currencies fc ON fc.currency_code = led.currency_code
WHERE
    -- Negative ids are Oracle's own placeholders (on account, write-off, refund …), not documents.
    ps.payment_schedule_id > 0
    -- A receipt that waits for confirmation is not in the books yet.
    AND COALESCE(ps.receipt_confirmed_flag, 'Y') = 'Y'
    AND COALESCE(cr.confirmed_flag, 'Y') = 'Y'
