-- Whatever stands in accounts receivable: invoices, credit memos, payments, and what journal entries and bank deposits
-- post there by hand. Refund receipts and sales receipts go straight through the bank and never stand there.
WITH
receivable AS (
    SELECT id
    FROM {{prefix}}account
    WHERE account_type = 'Accounts Receivable'
),

posted AS (
    SELECT
        'INV-' || i.id AS document_id,
        i.customer_id AS customer_id,
        'invoice' AS kind,
        i.transaction_date AS document_date,
        i.due_date AS due_date,
        i.currency_id AS currency,
        i.exchange_rate AS exchange_rate,
        i.total_amount AS amount,
        i.doc_number AS doc_number
    FROM {{prefix}}invoice i
    -- The loader keeps rows that were deleted in QuickBooks, and marks them.
    WHERE COALESCE(i._fivetran_deleted, FALSE) = FALSE
    UNION ALL
    SELECT
        'CM-' || m.id,
        m.customer_id,
        'credit_memo',
        m.transaction_date,
        NULL,
        m.currency_id,
        m.exchange_rate,
        -- QuickBooks writes amounts without a sign; the kind gives it.
        -m.total_amount,
        m.doc_number
    FROM {{prefix}}credit_memo m
    WHERE COALESCE(m._fivetran_deleted, FALSE) = FALSE
    UNION ALL
    SELECT
        'PAY-' || p.id,
        p.customer_id,
        'payment',
        p.transaction_date,
        NULL,
        p.currency_id,
        p.exchange_rate,
        -p.total_amount,
        p.reference_number
    FROM {{prefix}}payment p
    WHERE COALESCE(p._fivetran_deleted, FALSE) = FALSE
    UNION ALL
    -- A journal entry may post to several customers: each is a document of its own.
    SELECT
        'JE-' || e.id || '-' || l.customer_id,
        l.customer_id,
        'journal',
        e.transaction_date,
        NULL,
        e.currency_id,
        e.exchange_rate,
        SUM(CASE WHEN l.posting_type = 'Debit' THEN l.amount ELSE -l.amount END),
        e.doc_number
    FROM {{prefix}}journal_entry_line l
    INNER JOIN receivable r ON r.id = l.account_id
    INNER JOIN {{prefix}}journal_entry e ON e.id = l.journal_entry_id
    WHERE
        COALESCE(e._fivetran_deleted, FALSE) = FALSE
        AND l.customer_id IS NOT NULL
    GROUP BY
        e.id,
        l.customer_id,
        e.transaction_date,
        e.currency_id,
        e.exchange_rate,
        e.doc_number
    UNION ALL
    -- Money that was booked to receivables on a bank deposit, without a payment.
    SELECT
        'DEP-' || d.id || '-' || l.deposit_customer_id,
        l.deposit_customer_id,
        'payment',
        d.transaction_date,
        NULL,
        d.currency_id,
        d.exchange_rate,
        -SUM(l.amount),
        NULL
    FROM {{prefix}}deposit_line l
    INNER JOIN receivable r ON r.id = l.deposit_account_id
    INNER JOIN {{prefix}}deposit d ON d.id = l.deposit_id
    WHERE
        COALESCE(d._fivetran_deleted, FALSE) = FALSE
        AND l.deposit_customer_id IS NOT NULL
    GROUP BY
        d.id,
        l.deposit_customer_id,
        d.transaction_date,
        d.currency_id,
        d.exchange_rate
)

SELECT
    document_id AS document_id,
    customer_id AS customer_id,
    '{{entity}}' AS entity,
    kind AS kind,
    document_date AS document_date,
    due_date AS due_date,
    -- Companies that work in one currency have neither currencies nor rates.
    COALESCE(currency, '{{home_currency}}') AS currency,
    amount AS amount,
    ROUND(CAST(amount * COALESCE(exchange_rate, 1) AS NUMERIC(38, 9)), {{home_decimals}}) AS amount_base,
    '{{home_currency}}' AS base_currency,
    doc_number AS number
FROM posted
-- To void is to set the amounts to zero: nothing is left of the document, whatever its note says. A payment that only
-- applies credits has no amount either, and what it applies is in the settlements.
WHERE amount <> 0
