-- ERPNext's own word on what is open now. It keeps a balance of invoices and of payments. Journal entries have none: their
-- lines say what they were applied to, as Payment Reconciliation rewrites them. Any other voucher is taken from the general
-- ledger, which is posted beside the payment ledger, but keeps what an entry was against on its first day.
WITH
credit_notes AS (
    -- As in documents.sql: what is paid against a credit note that went into its invoice belongs to the invoice.
    SELECT
        si.name,
        si.return_against
    FROM `tabSales Invoice` AS si
    LEFT JOIN `tabPayment Ledger Entry` AS e
        ON
            e.voucher_type = 'Sales Invoice'
            AND e.voucher_no = si.name
            AND e.against_voucher_type = 'Sales Invoice'
            AND e.against_voucher_no = si.name
            AND e.delinked = 0
    WHERE
        si.is_return = 1
        AND si.docstatus = 1
        AND COALESCE(si.return_against, '') <> ''
        AND e.name IS NULL
),

ordered AS (
    -- What a payment gives to sales orders is still the customer's, until there is an invoice.
    SELECT
        parent,
        SUM(CAST(allocated_amount AS DECIMAL(21, 9))) AS amount
    FROM `tabPayment Entry Reference`
    WHERE reference_doctype = 'Sales Order'
    GROUP BY parent
),

ledger AS (
    SELECT
        g.account,
        g.party,
        g.voucher_type,
        g.voucher_no,
        g.against_voucher_type,
        g.against_voucher,
        g.account_currency,
        CAST(g.debit_in_account_currency AS DECIMAL(21, 9)) - CAST(g.credit_in_account_currency AS DECIMAL(21, 9)) AS amount
    FROM `tabGL Entry` AS g
    INNER JOIN `tabAccount` AS a ON a.name = g.account
    WHERE
        a.account_type = 'Receivable'
        AND g.party_type = 'Customer'
        AND g.is_cancelled = 0
        AND ('{{company}}' = '' OR g.company = '{{company}}')
),

vouchers AS (
    SELECT DISTINCT account, party, voucher_type, voucher_no
    FROM ledger
),

balances AS (
    SELECT
        'Sales Invoice' AS voucher_type,
        COALESCE(n.return_against, si.name) AS voucher_no,
        si.customer AS party,
        si.debit_to AS account,
        si.party_account_currency AS currency,
        CAST(si.outstanding_amount AS DECIMAL(21, 9)) AS amount
    FROM `tabSales Invoice` AS si
    LEFT JOIN credit_notes AS n ON n.name = si.name
    -- A cancelled invoice keeps what was outstanding.
    WHERE si.docstatus = 1 AND ('{{company}}' = '' OR si.company = '{{company}}')
    UNION ALL
    SELECT
        'Payment Entry' AS voucher_type,
        pe.name AS voucher_no,
        pe.party,
        CASE WHEN pe.payment_type = 'Pay' THEN pe.paid_to ELSE pe.paid_from END AS account,
        CASE
            WHEN pe.payment_type = 'Pay' THEN pe.paid_to_account_currency
            ELSE pe.paid_from_account_currency
        END AS currency,
        CASE WHEN pe.payment_type = 'Pay' THEN 1 ELSE -1 END
        * (CAST(pe.unallocated_amount AS DECIMAL(21, 9)) + COALESCE(o.amount, 0)) AS amount
    FROM `tabPayment Entry` AS pe
    LEFT JOIN ordered AS o ON o.parent = pe.name
    WHERE
        pe.docstatus = 1
        AND pe.party_type = 'Customer'
        AND ('{{company}}' = '' OR pe.company = '{{company}}')
    UNION ALL
    SELECT
        COALESCE(t.voucher_type, 'Journal Entry') AS voucher_type,
        COALESCE(t.voucher_no, l.parent) AS voucher_no,
        l.party,
        l.account,
        l.account_currency AS currency,
        CAST(l.debit_in_account_currency AS DECIMAL(21, 9)) - CAST(l.credit_in_account_currency AS DECIMAL(21, 9)) AS amount
    FROM `tabJournal Entry Account` AS l
    INNER JOIN `tabJournal Entry` AS je ON je.name = l.parent
    INNER JOIN `tabAccount` AS a ON a.name = l.account
    LEFT JOIN vouchers AS t
        ON
            t.account = l.account
            AND t.party = l.party
            AND t.voucher_type = l.reference_type
            AND t.voucher_no = l.reference_name
    WHERE
        je.docstatus = 1
        AND a.account_type = 'Receivable'
        AND l.party_type = 'Customer'
        AND COALESCE(t.voucher_type, '') NOT IN ('Sales Invoice', 'Payment Entry')
        AND ('{{company}}' = '' OR je.company = '{{company}}')
    UNION ALL
    -- Payments that were applied to journal entries; to credits of theirs with a minus.
    SELECT
        'Journal Entry' AS voucher_type,
        r.reference_name AS voucher_no,
        pe.party,
        CASE WHEN pe.payment_type = 'Pay' THEN pe.paid_to ELSE pe.paid_from END AS account,
        CASE
            WHEN pe.payment_type = 'Pay' THEN pe.paid_to_account_currency
            ELSE pe.paid_from_account_currency
        END AS currency,
        -CAST(r.allocated_amount AS DECIMAL(21, 9)) AS amount
    FROM `tabPayment Entry Reference` AS r
    INNER JOIN `tabPayment Entry` AS pe ON pe.name = r.parent
    WHERE
        r.reference_doctype = 'Journal Entry'
        AND pe.docstatus = 1
        AND pe.party_type = 'Customer'
        AND ('{{company}}' = '' OR pe.company = '{{company}}')
    UNION ALL
    SELECT
        COALESCE(t.voucher_type, g.voucher_type) AS voucher_type,
        COALESCE(t.voucher_no, g.voucher_no) AS voucher_no,
        g.party,
        g.account,
        g.account_currency AS currency,
        g.amount
    FROM ledger AS g
    LEFT JOIN vouchers AS t
        ON
            t.account = g.account
            AND t.party = g.party
            AND t.voucher_type = g.against_voucher_type
            AND t.voucher_no = g.against_voucher
    WHERE
        g.voucher_type NOT IN ('Sales Invoice', 'Payment Entry', 'Journal Entry')
        AND COALESCE(t.voucher_type, '') NOT IN ('Sales Invoice', 'Payment Entry')
)

SELECT
    REPLACE(REPLACE(REPLACE(REPLACE('<type>|<no>|<party>|<account>', '<type>', b.voucher_type), '<no>', b.voucher_no), '<party>', b.party), '<account>', b.account) AS document_id,
    b.party AS customer_id,
    b.currency,
    ROUND(SUM(b.amount), 6) AS amount
FROM balances AS b
GROUP BY b.voucher_type, b.voucher_no, b.party, b.account, b.currency
HAVING ABS(SUM(b.amount)) > 0.000001
