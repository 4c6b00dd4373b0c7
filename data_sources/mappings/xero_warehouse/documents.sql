-- Sales invoices and the three kinds of credit. A payment is no document in Xero: it is always on one.
WITH
posted AS (
    SELECT
        i.invoice_id AS document_id,
        i.contact_id AS customer_id,
        'invoice' AS kind,
        i.date AS document_date,
        i.due_date AS due_date,
        i.currency_code AS currency,
        i.currency_rate AS currency_rate,
        i.total AS amount,
        i.status AS status,
        i.invoice_number AS document_number
    FROM {{prefix}}invoice i
    -- ACCPAY are bills of suppliers.
    WHERE i.type = 'ACCREC'
    UNION ALL
    SELECT
        n.credit_note_id,
        n.contact_id,
        'credit_memo',
        n.date,
        NULL,
        n.currency_code,
        n.currency_rate,
        -n.total,
        n.status,
        n.credit_note_number
    FROM {{prefix}}credit_note n
    WHERE n.type = 'ACCRECCREDIT'
    UNION ALL
    -- What a customer paid too much, and what it paid in advance.
    SELECT
        o.overpayment_id,
        o.contact_id,
        'payment',
        o.date,
        NULL,
        o.currency_code,
        o.currency_rate,
        -o.total,
        o.status,
        o.reference
    FROM {{prefix}}overpayment o
    WHERE o.type = 'RECEIVE-OVERPAYMENT'
    UNION ALL
    SELECT
        p.prepayment_id,
        p.contact_id,
        'payment',
        p.date,
        NULL,
        p.currency_code,
        p.currency_rate,
        -p.total,
        p.status,
        p.reference
    FROM {{prefix}}prepayment p
    WHERE p.type = 'RECEIVE-PREPAYMENT'
)

SELECT
    document_id AS document_id,
    customer_id AS customer_id,
    '{{entity}}' AS entity,
    kind AS kind,
    document_date AS document_date,
    due_date AS due_date,
    currency AS currency,
    amount AS amount,
    -- The rate says how much foreign money one unit of the base currency is: divide by it.
    ROUND(CAST(amount * 1.0 / COALESCE(currency_rate, 1) AS NUMERIC(38, 9)), {{base_decimals}}) AS amount_base,
    '{{base_currency}}' AS base_currency,
    document_number AS number
FROM posted
-- Drafts and what waits for approval are not in the ledger yet; VOIDED and DELETED are no more.
WHERE status IN ('AUTHORISED', 'PAID')
