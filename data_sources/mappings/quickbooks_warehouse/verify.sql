-- QuickBooks' own balances: of invoices and credit memos what is left, of payments what is not applied. It tells none of
-- a journal entry or of a deposit: of these stands here what payments left of them, so that they never differ.
WITH
receivable AS (
    SELECT id
    FROM {{prefix}}account
    WHERE account_type = 'Accounts Receivable'
),

journals AS (
    SELECT
        l.journal_entry_id AS id,
        l.customer_id AS customer_id,
        e.currency_id AS currency_id,
        SUM(CASE WHEN l.posting_type = 'Debit' THEN l.amount ELSE -l.amount END) AS amount
    FROM {{prefix}}journal_entry_line l
    INNER JOIN receivable r ON r.id = l.account_id
    INNER JOIN {{prefix}}journal_entry e ON e.id = l.journal_entry_id
    WHERE
        COALESCE(e._fivetran_deleted, FALSE) = FALSE
        AND l.customer_id IS NOT NULL
    GROUP BY
        l.journal_entry_id,
        l.customer_id,
        e.currency_id
),

deposits AS (
    SELECT
        l.deposit_id AS id,
        l.deposit_customer_id AS customer_id,
        d.currency_id AS currency_id,
        SUM(l.amount) AS amount
    FROM {{prefix}}deposit_line l
    INNER JOIN receivable r ON r.id = l.deposit_account_id
    INNER JOIN {{prefix}}deposit d ON d.id = l.deposit_id
    WHERE
        COALESCE(d._fivetran_deleted, FALSE) = FALSE
        AND l.deposit_customer_id IS NOT NULL
    GROUP BY
        l.deposit_id,
        l.deposit_customer_id,
        d.currency_id
),

applied AS (
    SELECT
        p.customer_id AS customer_id,
        l.journal_entry_id AS journal_entry_id,
        l.deposit_id AS deposit_id,
        SUM(l.amount) AS amount
    FROM {{prefix}}payment_line l
    INNER JOIN {{prefix}}payment p ON p.id = l.payment_id
    WHERE COALESCE(p._fivetran_deleted, FALSE) = FALSE
    GROUP BY
        p.customer_id,
        l.journal_entry_id,
        l.deposit_id
)

SELECT
    'INV-' || i.id AS document_id,
    i.customer_id AS customer_id,
    COALESCE(i.currency_id, '{{home_currency}}') AS currency,
    i.balance AS amount
FROM {{prefix}}invoice i
WHERE
    COALESCE(i._fivetran_deleted, FALSE) = FALSE
    AND i.balance <> 0
UNION ALL
SELECT
    'CM-' || m.id,
    m.customer_id,
    COALESCE(m.currency_id, '{{home_currency}}'),
    -m.balance
FROM {{prefix}}credit_memo m
WHERE
    COALESCE(m._fivetran_deleted, FALSE) = FALSE
    AND m.balance <> 0
UNION ALL
SELECT
    'PAY-' || p.id,
    p.customer_id,
    COALESCE(p.currency_id, '{{home_currency}}'),
    -p.unapplied_amount
FROM {{prefix}}payment p
WHERE
    COALESCE(p._fivetran_deleted, FALSE) = FALSE
    AND p.unapplied_amount <> 0
UNION ALL
SELECT
    'JE-' || j.id || '-' || j.customer_id,
    j.customer_id,
    COALESCE(j.currency_id, '{{home_currency}}'),
    CASE WHEN j.amount < 0 THEN j.amount + COALESCE(a.amount, 0) ELSE j.amount - COALESCE(a.amount, 0) END
FROM journals j
LEFT JOIN applied a ON a.journal_entry_id = j.id AND a.customer_id = j.customer_id
UNION ALL
SELECT
    'DEP-' || d.id || '-' || d.customer_id,
    d.customer_id,
    COALESCE(d.currency_id, '{{home_currency}}'),
    COALESCE(a.amount, 0) - d.amount
FROM deposits d
LEFT JOIN applied a ON a.deposit_id = d.id AND a.customer_id = d.customer_id
