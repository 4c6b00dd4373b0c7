-- Only the lines of payments say what was applied and how much; the links of an invoice have no amounts. A payment may
-- apply money, credit memos, or both: then its lines name the invoices and the credits, all without a sign.
WITH
receivable AS (
    SELECT id
    FROM {{prefix}}account
    WHERE account_type = 'Accounts Receivable'
),

-- What journal entries and deposits post to receivables, a row a customer, with the sign of the debt.
other AS (
    SELECT
        'journal' AS what,
        l.journal_entry_id AS id,
        l.customer_id AS customer_id,
        e.transaction_date AS posted_on,
        SUM(CASE WHEN l.posting_type = 'Debit' THEN l.amount ELSE -l.amount END) AS amount
    FROM {{prefix}}journal_entry_line l
    INNER JOIN receivable r ON r.id = l.account_id
    INNER JOIN {{prefix}}journal_entry e ON e.id = l.journal_entry_id
    WHERE COALESCE(e._fivetran_deleted, FALSE) = FALSE
    GROUP BY
        l.journal_entry_id,
        l.customer_id,
        e.transaction_date
    UNION ALL
    SELECT
        'deposit',
        l.deposit_id,
        l.deposit_customer_id,
        d.transaction_date,
        -SUM(l.amount)
    FROM {{prefix}}deposit_line l
    INNER JOIN receivable r ON r.id = l.deposit_account_id
    INNER JOIN {{prefix}}deposit d ON d.id = l.deposit_id
    WHERE COALESCE(d._fivetran_deleted, FALSE) = FALSE
    GROUP BY
        l.deposit_id,
        l.deposit_customer_id,
        d.transaction_date
),

-- Each line with what it touches, with the sign of what it touches. Lines to what is deleted or void are stale: the
-- payment is unapplied again.
lines AS (
    SELECT
        l.payment_id AS payment_id,
        'invoice' AS what,
        'INV-' || i.id AS document_id,
        i.transaction_date AS posted_on,
        l.amount AS amount
    FROM {{prefix}}payment_line l
    INNER JOIN {{prefix}}invoice i ON i.id = l.invoice_id
    WHERE
        COALESCE(i._fivetran_deleted, FALSE) = FALSE
        AND i.total_amount <> 0
    UNION ALL
    SELECT
        l.payment_id,
        'memo',
        'CM-' || m.id,
        m.transaction_date,
        -l.amount
    FROM {{prefix}}payment_line l
    INNER JOIN {{prefix}}credit_memo m ON m.id = l.credit_memo_id
    WHERE
        COALESCE(m._fivetran_deleted, FALSE) = FALSE
        AND m.total_amount <> 0
    UNION ALL
    SELECT
        l.payment_id,
        o.what,
        CASE WHEN o.what = 'journal' THEN 'JE-' ELSE 'DEP-' END || o.id || '-' || o.customer_id,
        o.posted_on,
        CASE WHEN o.amount < 0 THEN -l.amount ELSE l.amount END
    FROM {{prefix}}payment_line l
    INNER JOIN {{prefix}}payment p ON p.id = l.payment_id
    INNER JOIN other o
        ON o.customer_id = p.customer_id
        AND (
            (o.what = 'journal' AND o.id = l.journal_entry_id)
            OR (o.what = 'deposit' AND o.id = l.deposit_id)
        )
    WHERE o.amount <> 0
),

-- The later of the payment's date and the other side's: QuickBooks keeps no date of the application itself.
touched AS (
    SELECT
        p.id AS payment_id,
        l.what AS what,
        l.document_id AS document_id,
        CASE WHEN l.posted_on > p.transaction_date THEN l.posted_on ELSE p.transaction_date END AS settled_on,
        SUM(l.amount) AS amount
    FROM lines l
    INNER JOIN {{prefix}}payment p ON p.id = l.payment_id
    WHERE COALESCE(p._fivetran_deleted, FALSE) = FALSE
    GROUP BY
        p.id,
        l.what,
        l.document_id,
        l.posted_on,
        p.transaction_date
),

payments AS (
    SELECT
        payment_id AS payment_id,
        MAX(settled_on) AS latest,
        SUM(CASE WHEN amount < 0 THEN 1 ELSE 0 END) AS credit_lines,
        SUM(CASE WHEN amount < 0 AND what <> 'deposit' THEN -amount ELSE 0 END) AS credits
    FROM touched
    GROUP BY payment_id
),

dated AS (
    SELECT
        t.payment_id AS payment_id,
        t.what AS what,
        t.document_id AS document_id,
        -- Which credit went to which invoice is not said, so that all that such a payment applies counts from the day on
        -- which the last of it was posted. Without credits each invoice has its own day.
        CASE WHEN p.credit_lines > 0 THEN p.latest ELSE t.settled_on END AS settled_on,
        t.amount AS amount,
        p.credits AS credits,
        -- What the payment's earlier debts took already: its credits go to the oldest first.
        SUM(CASE WHEN t.amount > 0 THEN t.amount ELSE 0 END) OVER (
            PARTITION BY t.payment_id
            ORDER BY t.settled_on, t.document_id
        ) - t.amount AS taken
    FROM touched t
    INNER JOIN payments p ON p.payment_id = t.payment_id
),

split AS (
    SELECT
        payment_id AS payment_id,
        document_id AS document_id,
        settled_on AS settled_on,
        amount AS amount,
        CASE
            WHEN credits <= taken THEN 0
            WHEN credits >= taken + amount THEN amount
            ELSE credits - taken
        END AS by_credit
    FROM dated
    WHERE amount > 0
)

-- On the invoice: what money paid …
SELECT
    'PAY-' || payment_id || '-' || document_id || '-CASH' AS settlement_id,
    document_id AS document_id,
    settled_on AS settled_on,
    amount - by_credit AS amount,
    'cash' AS kind
FROM split
WHERE amount <> by_credit
UNION ALL
-- … and what credits paid.
SELECT
    'PAY-' || payment_id || '-' || document_id || '-CREDIT',
    document_id,
    settled_on,
    by_credit,
    'credit'
FROM split
WHERE by_credit <> 0
UNION ALL
-- On the credit memo, the journal or the deposit that paid.
SELECT
    'PAY-' || payment_id || '-' || document_id || '-USED',
    document_id,
    settled_on,
    amount,
    CASE WHEN what = 'deposit' THEN 'cash' ELSE 'credit' END
FROM dated
WHERE amount < 0
UNION ALL
-- On the payment: what was applied less what credits gave, the money that was used of it.
SELECT
    'PAY-' || payment_id || '-' || MIN(document_id) || '-MONEY',
    'PAY-' || payment_id,
    settled_on,
    -SUM(amount),
    'cash'
FROM dated
GROUP BY
    payment_id,
    settled_on
HAVING ROUND(CAST(SUM(amount) AS NUMERIC(38, 9)), 6) <> 0
