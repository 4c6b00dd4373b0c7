-- Odoo keeps one row for each part of a debit item that a part of a credit item closes. Its amounts are positive, and
-- there are three: in the company's currency, and in the currency of either item, which may differ on each side.
-- Each becomes two settlements, one on either item.
WITH
exchange AS (
    -- The entries that Odoo writes for exchange differences.
    SELECT exchange_move_id AS move_id
    FROM account_partial_reconcile
    WHERE exchange_move_id IS NOT NULL
    UNION
    SELECT exchange_move_id AS move_id
    FROM account_full_reconcile
    WHERE exchange_move_id IS NOT NULL
),

counterparts AS (
    -- What stands against the receivable in each entry that holds one: income and expense, but for exchange gains and
    -- losses, and tax that goes with it. The rest is money, or another balance. Summed in the entry's currency where
    -- it has one only, else in the company's.
    SELECT
        n.move_id,
        SUM(CASE WHEN n.account_type = 'asset_receivable' THEN -n.amount ELSE 0 END) AS receivable,
        SUM(CASE WHEN n.account_type = 'asset_receivable' THEN -n.balance ELSE 0 END) AS receivable_base,
        SUM(n.discount * n.amount) AS discount,
        SUM(n.discount * n.balance) AS discount_base,
        SUM(n.result * n.amount) AS result,
        SUM(n.result * n.balance) AS result_base,
        SUM(n.tax * n.amount) AS tax,
        SUM(n.tax * n.balance) AS tax_base,
        MAX(n.discount) AS has_discount,
        MAX(n.result) AS has_result
    FROM (
        SELECT
            l.move_id,
            a.account_type,
            CASE
                WHEN MIN(l.currency_id) OVER (PARTITION BY l.move_id) = MAX(l.currency_id) OVER (PARTITION BY l.move_id)
                    THEN CAST(l.amount_currency AS NUMERIC)
                ELSE CAST(l.balance AS NUMERIC)
            END AS amount,
            CAST(l.balance AS NUMERIC) AS balance,
            CASE
                WHEN l.account_id = co.account_journal_early_pay_discount_loss_account_id THEN 1
                WHEN l.account_id = co.account_journal_early_pay_discount_gain_account_id THEN 1
                ELSE 0
            END AS discount,
            CASE
                WHEN l.account_id = co.account_journal_early_pay_discount_loss_account_id THEN 0
                WHEN l.account_id = co.account_journal_early_pay_discount_gain_account_id THEN 0
                WHEN l.account_id = co.income_currency_exchange_account_id THEN 0
                WHEN l.account_id = co.expense_currency_exchange_account_id THEN 0
                WHEN a.account_type LIKE 'income%' OR a.account_type LIKE 'expense%' THEN 1
                ELSE 0
            END AS result,
            CASE
                WHEN a.account_type LIKE 'income%' OR a.account_type LIKE 'expense%' OR l.tax_line_id IS NULL THEN 0
                ELSE 1
            END AS tax
        FROM account_move_line AS l
        INNER JOIN account_account AS a ON a.id = l.account_id
        INNER JOIN account_move AS m ON m.id = l.move_id
        INNER JOIN res_company AS co ON co.id = l.company_id
        WHERE
            m.move_type = 'entry'
            AND m.state = 'posted'
            AND l.company_id IN ({{companies}})
            -- Most entries of a large company hold no receivable, and need not be sorted.
            AND l.move_id IN (
                SELECT r.move_id
                FROM account_move_line AS r
                INNER JOIN account_account AS ra ON ra.id = r.account_id
                WHERE ra.account_type = 'asset_receivable'
            )
    ) AS n
    GROUP BY n.move_id
),

shortfalls AS (
    -- The tax belongs to the early payment discount where there is one.
    SELECT
        move_id,
        receivable,
        receivable_base,
        discount + CASE WHEN has_discount = 1 THEN tax ELSE 0 END AS discount,
        discount_base + CASE WHEN has_discount = 1 THEN tax_base ELSE 0 END AS discount_base,
        result + CASE WHEN has_discount = 0 AND has_result = 1 THEN tax ELSE 0 END AS result,
        result_base + CASE WHEN has_discount = 0 AND has_result = 1 THEN tax_base ELSE 0 END AS result_base,
        has_result
    FROM counterparts
),

items AS (
    -- The same items as in documents, and what each is to the other side.
    SELECT
        l.id,
        l.move_id,
        l.date,
        cur.decimal_places AS decimals,
        own.decimal_places AS decimals_base,
        m.reversed_entry_id,
        CASE
            WHEN x.move_id IS NOT NULL THEN 'exchange'
            WHEN m.move_type IN ('out_invoice', 'out_receipt', 'out_refund') AND CAST(l.amount_currency AS NUMERIC) < 0
                THEN 'credit'
            WHEN m.move_type IN ('out_invoice', 'out_receipt', 'out_refund') THEN 'debit'
            WHEN j.type IN ('bank', 'cash', 'credit') AND CAST(l.amount_currency AS NUMERIC) < 0 THEN 'receipt'
            WHEN j.type IN ('bank', 'cash', 'credit') THEN 'payout'
            WHEN s.has_result = 1 THEN 'result'
            ELSE 'entry'
        END AS role,
        s.receivable,
        s.receivable_base,
        s.discount,
        s.discount_base,
        s.result,
        s.result_base
    FROM account_move_line AS l
    INNER JOIN account_move AS m ON m.id = l.move_id
    INNER JOIN account_journal AS j ON j.id = m.journal_id
    INNER JOIN account_account AS a ON a.id = l.account_id
    INNER JOIN res_currency AS cur ON cur.id = l.currency_id
    INNER JOIN res_currency AS own ON own.id = l.company_currency_id
    LEFT JOIN exchange AS x ON x.move_id = l.move_id
    LEFT JOIN shortfalls AS s ON s.move_id = l.move_id
    WHERE
        a.account_type = 'asset_receivable'
        AND (a.non_trade IS NOT TRUE OR '{{non_trade}}' = 'included')
        AND l.parent_state = 'posted'
        AND l.company_id IN ({{companies}})
),

pairs AS (
    SELECT
        p.id,
        p.debit_move_id,
        p.credit_move_id,
        d.id AS debit_item,
        c.id AS credit_item,
        -- The later of both items' dates. The day on which somebody matched them (create_date) says nothing.
        COALESCE(p.max_date, CASE WHEN d.date > c.date THEN d.date ELSE c.date END) AS settled_on,
        CAST(p.debit_amount_currency AS NUMERIC) AS debit_amount,
        CAST(p.credit_amount_currency AS NUMERIC) AS credit_amount,
        CAST(p.amount AS NUMERIC) AS base,
        -- On the item that is closed stands what closed it. On the item that closes it stands what that item is itself,
        -- so that each is counted once: a receipt as cash, an entry as other.
        CASE
            WHEN d.role = 'exchange' THEN 'other'
            WHEN c.role = 'exchange' THEN 'fx'
            WHEN d.role = 'payout' THEN 'other'
            WHEN c.role = 'receipt' THEN 'cash'
            WHEN c.role = 'credit' THEN 'credit'
            WHEN c.role = 'result' THEN 'write_off'
            ELSE 'other'
        END AS debit_kind,
        CASE
            WHEN c.role = 'exchange' THEN 'other'
            WHEN d.role = 'exchange' THEN 'fx'
            -- A receipt that is taken back by the reversal of its own entry is no refund.
            WHEN d.role = 'payout' AND c.role = 'receipt' AND d.reversed_entry_id = c.move_id THEN 'cash'
            WHEN d.role = 'payout' THEN 'refund'
            WHEN c.role = 'receipt' THEN 'cash'
            WHEN c.role = 'credit' THEN 'credit'
            ELSE 'other'
        END AS credit_kind,
        -- A receipt may close more than the money that came: by that share of what it closes.
        CASE
            WHEN c.role <> 'receipt' OR d.role IN ('exchange', 'payout') THEN 0
            WHEN c.discount < 0 OR c.result < 0 OR c.receivable <= 0 OR c.receivable_base <= 0 THEN 0
            WHEN c.discount_base < 0 OR c.result_base < 0 THEN 0
            WHEN c.discount + c.result > c.receivable THEN 0
            WHEN c.discount + c.result = 0 THEN 0
            ELSE 1
        END AS short,
        d.decimals,
        d.decimals_base,
        c.receivable,
        c.receivable_base,
        c.discount,
        c.discount_base,
        c.result,
        c.result_base
    FROM account_partial_reconcile AS p
    LEFT JOIN items AS d ON d.id = p.debit_move_id
    LEFT JOIN items AS c ON c.id = p.credit_move_id
),

parts AS (
    SELECT
        q.*,
        -- 1.0: SQLite would divide whole numbers without their fraction.
        CASE WHEN q.short = 1 THEN ROUND(1.0 * q.debit_amount * q.discount / q.receivable, q.decimals) ELSE 0 END
            AS discounted,
        CASE WHEN q.short = 1 THEN ROUND(1.0 * q.base * q.discount_base / q.receivable_base, q.decimals_base) ELSE 0 END
            AS discounted_base,
        CASE WHEN q.short = 1 THEN ROUND(1.0 * q.debit_amount * q.result / q.receivable, q.decimals) ELSE 0 END
            AS written_off,
        CASE WHEN q.short = 1 THEN ROUND(1.0 * q.base * q.result_base / q.receivable_base, q.decimals_base) ELSE 0 END
            AS written_off_base
    FROM pairs AS q
)

SELECT
    'D' || id AS settlement_id,
    debit_move_id AS document_id,
    settled_on,
    ROUND(debit_amount - discounted - written_off, decimals) AS amount,
    ROUND(base - discounted_base - written_off_base, decimals_base) AS amount_base,
    debit_kind AS kind
FROM parts
WHERE debit_item IS NOT NULL
UNION ALL
SELECT
    'D' || id || '-discount',
    debit_move_id,
    settled_on,
    discounted,
    discounted_base,
    'discount'
FROM parts
WHERE
    debit_item IS NOT NULL
    AND (discounted <> 0 OR discounted_base <> 0)
UNION ALL
SELECT
    'D' || id || '-write-off',
    debit_move_id,
    settled_on,
    written_off,
    written_off_base,
    'write_off'
FROM parts
WHERE
    debit_item IS NOT NULL
    AND (written_off <> 0 OR written_off_base <> 0)
UNION ALL
SELECT
    'C' || id,
    credit_move_id,
    settled_on,
    -credit_amount,
    -base,
    credit_kind
FROM parts
WHERE credit_item IS NOT NULL
