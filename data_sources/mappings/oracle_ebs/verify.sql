-- Oracle's own word on what is open now, document by document; of a receipt with what stands on account or unapplied.
SELECT
    CAST(ps.payment_schedule_id AS VARCHAR(40)) AS document_id,
    CAST(ps.customer_id AS VARCHAR(40)) AS customer_id,
    ps.invoice_currency_code AS currency,
    ps.amount_due_remaining AS amount
FROM ar_payment_schedules_all ps
LEFT JOIN ar_cash_receipts_all cr ON cr.cash_receipt_id = ps.cash_receipt_id
WHERE
    ps.payment_schedule_id > 0
    AND ps.amount_due_remaining <> 0
    AND COALESCE(ps.receipt_confirmed_flag, 'Y') = 'Y'
    AND COALESCE(cr.confirmed_flag, 'Y') = 'Y'
