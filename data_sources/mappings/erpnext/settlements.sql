-- What takes something off a document. Each entry that applies one voucher to another settles both, on the later of the
-- two days; one that is no document of its own (see moves) settles the other alone.
-- The text up to the last SELECT is that of documents.sql.
WITH
entries AS (
    -- Receivables of customers. What was cancelled keeps its rows and gets rows that reverse it, all marked delinked.
    SELECT
        name,
        company,
        account,
        account_currency,
        party,
        voucher_type,
        voucher_no,
        against_voucher_type,
        against_voucher_no,
        posting_date,
        CAST(amount_in_account_currency AS DECIMAL(21, 9)) AS amount,
        CAST(amount AS DECIMAL(21, 9)) AS base
    FROM `tabPayment Ledger Entry`
    WHERE
        account_type = 'Receivable'
        AND party_type = 'Customer'
        AND delinked = 0
        AND ('{{company}}' = '' OR company = '{{company}}')
),

vouchers AS (
    -- One line of the report: a voucher, by customer and account, since a journal entry may have several of both.
    SELECT
        account,
        party,
        voucher_type,
        voucher_no,
        MIN(posting_date) AS posted
    FROM entries
    GROUP BY account, party, voucher_type, voucher_no
),

standing AS (
    -- Vouchers that are owed themselves, not only applied to others.
    SELECT DISTINCT account, party, voucher_type, voucher_no
    FROM entries
    WHERE voucher_type = against_voucher_type AND voucher_no = against_voucher_no
),

credit_notes AS (
    -- A credit note that went into its invoice holds nothing that could be refunded: a payment against it belongs to the
    -- invoice. One that stands for itself (an option of ERPNext 15) keeps its payments.
    SELECT
        si.name,
        si.return_against
    FROM `tabSales Invoice` AS si
    LEFT JOIN standing AS s ON s.voucher_type = 'Sales Invoice' AND s.voucher_no = si.name
    WHERE
        si.is_return = 1
        AND si.docstatus = 1
        AND COALESCE(si.return_against, '') <> ''
        AND s.voucher_no IS NULL
),

applied AS (
    -- Each entry with the voucher that it is applied to (t); without one it stands for itself, as does an entry
    -- against something that is no voucher of this customer and account, such as a sales order.
    SELECT
        e.name,
        e.company,
        e.account,
        e.account_currency,
        e.party,
        e.voucher_type,
        e.voucher_no,
        e.posting_date,
        e.amount,
        e.base,
        v.posted,
        t.voucher_type AS target_type,
        t.voucher_no AS target_no,
        -- Payment Reconciliation writes the entry anew under the payment's old date, maybe before the invoice was there.
        CASE WHEN t.posted > e.posting_date THEN t.posted ELSE e.posting_date END AS effective,
        CASE WHEN t.posted <= e.posting_date THEN 1 ELSE 0 END AS at_once
    FROM entries AS e
    INNER JOIN vouchers AS v
        ON
            v.account = e.account
            AND v.party = e.party
            AND v.voucher_type = e.voucher_type
            AND v.voucher_no = e.voucher_no
    LEFT JOIN credit_notes AS n ON e.against_voucher_type = 'Sales Invoice' AND n.name = e.against_voucher_no
    LEFT JOIN vouchers AS t
        ON
            t.account = e.account
            AND t.party = e.party
            AND t.voucher_type = e.against_voucher_type
            AND t.voucher_no = COALESCE(n.return_against, e.against_voucher_no)
            AND NOT (t.voucher_type = e.voucher_type AND t.voucher_no = e.voucher_no)
),

journals AS (
    -- What a journal entry does to a receivable, by its own type, else by the accounts on its other lines.
    SELECT
        je.name,
        CASE
            WHEN je.voucher_type = 'Write Off Entry' THEN 'write_off'
            WHEN je.voucher_type IN ('Exchange Gain Or Loss', 'Exchange Rate Revaluation') THEN 'fx'
            WHEN je.voucher_type IN ('Credit Note', 'Debit Note') THEN 'credit'
            WHEN je.voucher_type IN ('Bank Entry', 'Cash Entry', 'Credit Card Entry') THEN 'cash'
            WHEN MAX(CASE WHEN a.account_type IN ('Bank', 'Cash') THEN 1 ELSE 0 END) = 1 THEN 'cash'
            WHEN MAX(CASE WHEN l.account = co.write_off_account THEN 1 ELSE 0 END) = 1 THEN 'write_off'
            WHEN MAX(CASE WHEN l.account = co.default_discount_account THEN 1 ELSE 0 END) = 1 THEN 'discount'
            WHEN MAX(CASE WHEN l.account = co.exchange_gain_loss_account THEN 1 ELSE 0 END) = 1 THEN 'fx'
            ELSE 'other'
        END AS does
    FROM `tabJournal Entry` AS je
    INNER JOIN `tabCompany` AS co ON co.name = je.company
    INNER JOIN `tabJournal Entry Account` AS l ON l.parent = je.name
    LEFT JOIN `tabAccount` AS a ON a.name = l.account
    GROUP BY je.name, je.voucher_type
),

moves AS (
    -- alone = 1: the entry only takes something off another voucher, on one day, and is no document of its own:
    -- journal entries (a write-off, an exchange difference), refunds, and what a voucher is given on a later day.
    SELECT
        p.*,
        CASE
            WHEN p.target_no IS NULL OR p.at_once = 0 THEN 0
            WHEN p.voucher_type NOT IN ('Sales Invoice', 'Payment Entry') THEN 1
            WHEN p.base > 0 OR p.posting_date > p.posted THEN 1
            ELSE 0
        END AS alone,
        CASE
            WHEN p.amount = 0 AND p.base <> 0 THEN 'fx'
            WHEN p.voucher_type = 'Sales Invoice' AND p.base > 0 THEN 'refund'
            WHEN p.voucher_type = 'Sales Invoice' THEN 'credit'
            WHEN p.voucher_type = 'Payment Entry' AND p.base > 0 AND p.target_no IS NOT NULL THEN 'refund'
            WHEN p.voucher_type = 'Payment Entry' THEN 'cash'
            WHEN j.does = 'cash' AND p.base > 0 THEN 'refund'
            ELSE COALESCE(j.does, 'other')
        END AS kind
    FROM applied AS p
    LEFT JOIN journals AS j ON p.voucher_type = 'Journal Entry' AND j.name = p.voucher_no
),

receipts AS (
    -- What payments take off invoices, one behind the other, the largest first.
    SELECT
        m.*,
        SUM(-m.base) OVER (
            PARTITION BY m.voucher_no
            ORDER BY m.base, m.name
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS until
    FROM moves AS m
    WHERE
        m.voucher_type = 'Payment Entry'
        AND m.target_no IS NOT NULL
        AND m.at_once = 1
        AND m.alone = 0
        AND m.base < 0
),

deductions AS (
    -- What customers did not pay of what a payment closes, one behind the other. An exchange difference is none: the
    -- receivable goes down by the money that came, at the rate of the invoice.
    SELECT
        d.voucher_no,
        d.kind,
        d.base,
        SUM(d.base) OVER (
            PARTITION BY d.voucher_no
            ORDER BY d.kind
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS until
    FROM (
        SELECT
            x.voucher_no,
            x.kind,
            SUM(x.base) AS base
        FROM (
            SELECT
                l.parent AS voucher_no,
                CASE
                    WHEN l.account = co.write_off_account THEN 'write_off'
                    WHEN l.account = co.default_discount_account THEN 'discount'
                    ELSE 'other'
                END AS kind,
                CAST(l.amount AS DECIMAL(21, 9)) AS base
            FROM `tabPayment Entry Deduction` AS l
            INNER JOIN `tabPayment Entry` AS pe ON pe.name = l.parent
            INNER JOIN `tabCompany` AS co ON co.name = pe.company
            WHERE
                pe.docstatus = 1
                AND pe.payment_type = 'Receive'
                AND l.account <> COALESCE(co.exchange_gain_loss_account, '')
        ) AS x
        GROUP BY x.voucher_no, x.kind
        HAVING SUM(x.base) > 0
    ) AS d
),

pieces AS (
    -- The part of each receipt that is a deduction: where the two rows of numbers lie above each other.
    SELECT
        o.name,
        o.account,
        o.party,
        o.voucher_type,
        o.voucher_no,
        o.target_type,
        o.target_no,
        o.effective,
        o.kind,
        o.base,
        CASE
            WHEN o.entry_amount = o.entry_base THEN o.base
            ELSE ROUND(1.0 * o.base * o.entry_amount / o.entry_base, o.digits)
        END AS amount
    FROM (
        SELECT
            r.name,
            r.account,
            r.party,
            r.voucher_type,
            r.voucher_no,
            r.target_type,
            r.target_no,
            r.effective,
            r.amount AS entry_amount,
            r.base AS entry_base,
            CASE
                WHEN
                    r.account_currency IN (
                        'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF',
                        'XOF', 'XPF'
                    )
                    THEN 0
                ELSE 2
            END AS digits,
            d.kind,
            ROUND(
                CASE WHEN r.until < d.until THEN r.until ELSE d.until END
                - CASE WHEN r.until + r.base > d.until - d.base THEN r.until + r.base ELSE d.until - d.base END,
                6
            ) AS base
        FROM receipts AS r
        INNER JOIN deductions AS d ON d.voucher_no = r.voucher_no
    ) AS o
    WHERE o.base > 0
),

totals AS (
    -- Invoices paid at the till have entries for what was sold, given, and given back. Their document is what was sold.
    SELECT
        si.name,
        si.is_return,
        CAST(
            CASE
                WHEN CAST(si.base_rounding_adjustment AS DECIMAL(21, 9)) <> 0 THEN si.base_rounded_total
                ELSE si.base_grand_total
            END AS DECIMAL(21, 9)
        ) AS base,
        CAST(
            CASE
                WHEN CAST(si.rounding_adjustment AS DECIMAL(21, 9)) <> 0 THEN si.rounded_total
                ELSE si.grand_total
            END AS DECIMAL(21, 9)
        ) AS amount,
        CAST(si.base_write_off_amount AS DECIMAL(21, 9)) AS base_write_off,
        CAST(si.write_off_amount AS DECIMAL(21, 9)) AS write_off,
        CAST(si.loyalty_amount AS DECIMAL(21, 9)) AS loyalty,
        -- In which currency the receivable account is kept.
        CASE WHEN si.party_account_currency = co.default_currency THEN 1 ELSE 0 END AS in_base
    FROM `tabSales Invoice` AS si
    INNER JOIN `tabCompany` AS co ON co.name = si.company
    WHERE si.is_pos = 1 AND si.docstatus = 1
),

tills AS (
    -- What was given at once is what the entries of the first day leave open less than the total.
    SELECT
        m.account,
        m.party,
        m.voucher_type,
        m.voucher_no,
        m.posted,
        t.is_return,
        t.base,
        CASE WHEN t.in_base = 1 THEN t.base ELSE t.amount END AS amount,
        t.base_write_off,
        CASE WHEN t.in_base = 1 THEN t.base_write_off ELSE t.write_off END AS write_off,
        COALESCE(t.loyalty, 0) AS loyalty,
        t.base - SUM(m.base) AS base_given,
        CASE WHEN t.in_base = 1 THEN t.base ELSE t.amount END - SUM(m.amount) AS given
    FROM moves AS m
    INNER JOIN totals AS t ON t.name = m.voucher_no
    WHERE
        m.voucher_type = 'Sales Invoice'
        AND m.target_no IS NULL
        AND m.posting_date = m.posted
    GROUP BY
        m.account,
        m.party,
        m.voucher_type,
        m.voucher_no,
        m.posted,
        t.is_return,
        t.base,
        t.amount,
        t.base_write_off,
        t.write_off,
        t.loyalty,
        t.in_base
)

SELECT
    REPLACE('#-on', '#', m.name) AS settlement_id,
    REPLACE(REPLACE(REPLACE(REPLACE('<type>|<no>|<party>|<account>', '<type>', m.target_type), '<no>', m.target_no), '<party>', m.party), '<account>', m.account) AS document_id,
    m.effective AS settled_on,
    ROUND(-m.amount - COALESCE(p.amount, 0), 6) AS amount,
    ROUND(-m.base - COALESCE(p.base, 0), 6) AS amount_base,
    m.kind
FROM moves AS m
LEFT JOIN (SELECT name, SUM(amount) AS amount, SUM(base) AS base FROM pieces GROUP BY name) AS p ON p.name = m.name
WHERE
    m.target_no IS NOT NULL
    -- Deductions may be all of it.
    AND (ROUND(m.amount + COALESCE(p.amount, 0), 6) <> 0 OR ROUND(m.base + COALESCE(p.base, 0), 6) <> 0)
UNION ALL
SELECT
    REPLACE('#-by', '#', m.name),
    REPLACE(REPLACE(REPLACE(REPLACE('<type>|<no>|<party>|<account>', '<type>', m.voucher_type), '<no>', m.voucher_no), '<party>', m.party), '<account>', m.account),
    m.effective,
    ROUND(m.amount + COALESCE(p.amount, 0), 6),
    ROUND(m.base + COALESCE(p.base, 0), 6),
    m.kind
FROM moves AS m
LEFT JOIN (SELECT name, SUM(amount) AS amount, SUM(base) AS base FROM pieces GROUP BY name) AS p ON p.name = m.name
WHERE
    m.target_no IS NOT NULL
    AND m.alone = 0
    AND (ROUND(m.amount + COALESCE(p.amount, 0), 6) <> 0 OR ROUND(m.base + COALESCE(p.base, 0), 6) <> 0)
UNION ALL
-- Deductions: no money, so only the invoice has them.
SELECT
    REPLACE(REPLACE('#-<kind>', '#', m.name), '<kind>', m.kind),
    REPLACE(REPLACE(REPLACE(REPLACE('<type>|<no>|<party>|<account>', '<type>', m.target_type), '<no>', m.target_no), '<party>', m.party), '<account>', m.account),
    m.effective,
    m.amount,
    m.base,
    m.kind
FROM pieces AS m
UNION ALL
-- Entries of a voucher on a later day than its first, such as an advance that is moved to the receivable account.
SELECT
    REPLACE('#-later', '#', m.name),
    REPLACE(REPLACE(REPLACE(REPLACE('<type>|<no>|<party>|<account>', '<type>', m.voucher_type), '<no>', m.voucher_no), '<party>', m.party), '<account>', m.account),
    m.posting_date,
    ROUND(-m.amount, 6),
    ROUND(-m.base, 6),
    m.kind
FROM moves AS m
WHERE m.alone = 0 AND m.posting_date > m.posted
UNION ALL
-- At the till.
SELECT
    REPLACE('#-till', '#', m.voucher_no),
    REPLACE(REPLACE(REPLACE(REPLACE('<type>|<no>|<party>|<account>', '<type>', m.voucher_type), '<no>', m.voucher_no), '<party>', m.party), '<account>', m.account),
    m.posted,
    ROUND(m.given - m.write_off - m.loyalty, 6),
    ROUND(m.base_given - m.base_write_off - m.loyalty, 6),
    CASE WHEN m.is_return = 1 THEN 'refund' ELSE 'cash' END
FROM tills AS m
-- An invoice of the till may be unpaid.
WHERE ROUND(m.given - m.write_off - m.loyalty, 6) <> 0 OR ROUND(m.base_given - m.base_write_off - m.loyalty, 6) <> 0
UNION ALL
SELECT
    REPLACE('#-till_write_off', '#', m.voucher_no),
    REPLACE(REPLACE(REPLACE(REPLACE('<type>|<no>|<party>|<account>', '<type>', m.voucher_type), '<no>', m.voucher_no), '<party>', m.party), '<account>', m.account),
    m.posted,
    ROUND(m.write_off, 6),
    ROUND(m.base_write_off, 6),
    'write_off'
FROM tills AS m
WHERE m.base_write_off <> 0
UNION ALL
-- Loyalty points are in the company's currency: ERPNext takes them on such accounts only.
SELECT
    REPLACE('#-till_loyalty', '#', m.voucher_no),
    REPLACE(REPLACE(REPLACE(REPLACE('<type>|<no>|<party>|<account>', '<type>', m.voucher_type), '<no>', m.voucher_no), '<party>', m.party), '<account>', m.account),
    m.posted,
    ROUND(m.loyalty, 6),
    ROUND(m.loyalty, 6),
    'discount'
FROM tills AS m
WHERE m.loyalty <> 0
