-- Payments and allocations by their own days, never by the copies inside an invoice, whose days are not reliable.
-- A day counts from the later of both documents' days on.
WITH dated AS (
    SELECT id, date FROM invoices
    UNION ALL
    SELECT id, date FROM credits
),
allocated AS (
    SELECT
        a.id,
        a.credit,
        a.invoice,
        a.amount,
        GREATEST(a.date, i.date, c.date) AS settled_on,
        CASE WHEN a.type = 'CreditNotes' THEN 'credit' ELSE 'cash' END AS kind
    FROM allocations AS a
    LEFT JOIN dated AS i ON i.id = a.invoice
    LEFT JOIN dated AS c ON c.id = a.credit
)
SELECT
    p.id AS settlement_id,
    p.document AS document_id,
    GREATEST(p.date, d.date) AS settled_on,
    -- Money paid on a credit is money given back.
    CASE WHEN p.type = 'ACCRECPAYMENT' THEN p.amount ELSE 0 - p.amount END AS amount,
    CASE WHEN p.type = 'ACCRECPAYMENT' THEN 'cash' ELSE 'refund' END AS kind
FROM payments AS p
LEFT JOIN dated AS d ON d.id = p.document
UNION ALL
SELECT
    id || '/invoice' AS settlement_id,
    invoice AS document_id,
    settled_on,
    amount,
    kind
FROM allocated
UNION ALL
SELECT
    id || '/credit' AS settlement_id,
    credit AS document_id,
    settled_on,
    0 - amount AS amount,
    kind
FROM allocated
