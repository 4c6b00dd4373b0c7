-- Xero's own word on what is open: of an invoice what is due, of a credit what remains.
SELECT
    i.invoice_id AS document_id,
    i.contact_id AS customer_id,
    i.currency_code AS currency,
    i.amount_due AS amount
FROM {{prefix}}invoice i
WHERE
    i.type = 'ACCREC'
    -- Drafts have an amount due too.
    AND i.status IN ('AUTHORISED', 'PAID')
    AND i.amount_due <> 0
UNION ALL
SELECT
    n.credit_note_id,
    n.contact_id,
    n.currency_code,
    -n.remaining_credit
FROM {{prefix}}credit_note n
WHERE
    n.type = 'ACCRECCREDIT'
    AND n.status IN ('AUTHORISED', 'PAID')
    AND n.remaining_credit <> 0
UNION ALL
SELECT
    o.overpayment_id,
    o.contact_id,
    o.currency_code,
    -o.remaining_credit
FROM {{prefix}}overpayment o
WHERE
    o.type = 'RECEIVE-OVERPAYMENT'
    AND o.status IN ('AUTHORISED', 'PAID')
    AND o.remaining_credit <> 0
UNION ALL
SELECT
    p.prepayment_id,
    p.contact_id,
    p.currency_code,
    -p.remaining_credit
FROM {{prefix}}prepayment p
WHERE
    p.type = 'RECEIVE-PREPAYMENT'
    AND p.status IN ('AUTHORISED', 'PAID')
    AND p.remaining_credit <> 0
