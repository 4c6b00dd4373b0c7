-- Tryton closes lines only whole and together: a reconciliation holds lines of one account and party that come to zero in
-- the company's currency. Each of its lines gets one settlement for each kind of line on the other side, by their share.
--
-- With applied = payments, what is known to pay an invoice closes it from the payment's own date, and its reconciliation
-- closes the rest.
WITH
lines AS (
    -- The same lines as in documents, and what each is to the other side.
    SELECT
        l.id,
        l.move,
        l.account,
        l.reconciliation,
        m.date,
        COALESCE(l.maturity_date, m.date) AS due,
        j.type AS journal,
        second.id AS second_currency,
        CASE
            WHEN second.id IS NOT NULL THEN CAST(l.amount_second_currency AS NUMERIC)
            ELSE CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC)
        END AS amount,
        CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC) AS base,
        COALESCE(second.digits, own.digits) AS digits,
        own.digits AS base_digits,
        CASE
            WHEN i.id IS NOT NULL AND CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC) < 0 THEN 'credit'
            WHEN i.id IS NOT NULL THEN 'invoice'
            WHEN taken_back.id IS NOT NULL AND CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC) < 0 THEN 'credit'
            WHEN taken_back.id IS NOT NULL THEN 'invoice'
            WHEN
                j.type NOT IN ('cash', 'statement')
                AND COALESCE(m.origin, '') NOT LIKE 'account.statement%'
                AND COALESCE(m.origin, '') NOT LIKE 'account.payment%'
                THEN 'entry'
            WHEN CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC) < 0 THEN 'receipt'
            -- A receipt that bounced is taken back by a move that names it; other money that went out is a refund.
            WHEN m.origin LIKE 'account.move,%' THEN 'returned'
            ELSE 'payout'
        END AS role
    FROM account_move_line AS l
    INNER JOIN account_move AS m ON m.id = l.move
    INNER JOIN account_journal AS j ON j.id = m.journal
    INNER JOIN account_account AS a ON a.id = l.account
    INNER JOIN account_account_type AS t ON t.id = a.type
    LEFT JOIN account_account_type AS in_debit ON in_debit.id = a.debit_type
    LEFT JOIN account_account_type AS in_credit ON in_credit.id = a.credit_type
    INNER JOIN company_company AS co ON co.id = m.company
    INNER JOIN currency_currency AS own ON own.id = co.currency
    LEFT JOIN currency_currency AS second ON second.id = l.second_currency AND l.amount_second_currency IS NOT NULL
    LEFT JOIN account_invoice AS i ON i.move = m.id AND i.type = 'out'
    LEFT JOIN account_invoice AS taken_back ON m.origin = 'account.move,' || taken_back.move AND taken_back.type = 'out'
    WHERE
        l.party IS NOT NULL
        AND (
            t.receivable
            OR (in_debit.receivable AND CAST(l.debit AS NUMERIC) <> 0)
            OR (in_credit.receivable AND CAST(l.credit AS NUMERIC) <> 0)
        )
        AND (m.state = 'posted' OR '{{drafts}}' = 'counted')
        AND m.company IN ({{companies}})
),

reconciled AS (
    SELECT
        l.reconciliation,
        MAX(l.date) AS last_date,
        -- Tryton books an exchange difference where all lines it reconciles are in one other currency than the company's:
        -- then the line without a second currency, from a journal for write-offs, is that difference.
        CASE
            WHEN MIN(l.second_currency) IS NULL OR MIN(l.second_currency) <> MAX(l.second_currency) THEN 0
            WHEN SUM(CASE WHEN l.second_currency IS NULL AND l.journal <> 'write-off' THEN 1 ELSE 0 END) > 0 THEN 0
            ELSE 1
        END AS exchanged
    FROM lines AS l
    WHERE l.reconciliation IS NOT NULL
    GROUP BY l.reconciliation
),

payments AS (
    -- The lines that were entered as payments of an invoice, laid end to end.
    SELECT
        link.invoice,
        l.*,
        SUM(ABS(l.amount)) OVER (
            PARTITION BY link.invoice, l.account, l.second_currency, l.reconciliation, CASE WHEN l.amount < 0 THEN -1 ELSE 1 END
            ORDER BY l.date, l.id
            ROWS UNBOUNDED PRECEDING
        ) AS upto
    FROM "account_invoice-account_move_line" AS link
    INNER JOIN lines AS l ON l.id = link.line
    WHERE
        '{{applied}}' = 'payments'
        AND l.amount <> 0
),

dues AS (
    -- The lines to pay of the same invoices, end to end as well: the earliest due is paid first.
    SELECT
        i.id AS invoice,
        l.*,
        SUM(ABS(l.amount)) OVER (
            PARTITION BY i.id, l.account, l.second_currency, l.reconciliation, CASE WHEN l.amount < 0 THEN -1 ELSE 1 END
            ORDER BY l.due, l.id
            ROWS UNBOUNDED PRECEDING
        ) AS upto
    FROM account_invoice AS i
    INNER JOIN lines AS l ON l.move = i.move AND l.account = i.account
    WHERE
        '{{applied}}' = 'payments'
        AND l.amount <> 0
),

beside AS (
    -- A payment pays the lines that it lies beside: in the same currency, and reconciled together or both not yet. A
    -- payment that was reconciled with something else, such as its own return, pays nothing here.
    SELECT
        p.id AS payment,
        d.id AS due,
        CASE WHEN p.date > d.date THEN p.date ELSE d.date END AS settled_on,
        p.role AS payment_role,
        d.role AS due_role,
        p.amount AS payment_amount,
        p.base AS payment_base,
        p.digits,
        p.base_digits,
        p.upto - ABS(p.amount) AS payment_start,
        CASE
            WHEN p.upto - ABS(p.amount) > d.upto - ABS(d.amount) THEN p.upto - ABS(p.amount)
            ELSE d.upto - ABS(d.amount)
        END AS start,
        CASE WHEN p.upto < d.upto THEN p.upto ELSE d.upto END AS finish
    FROM payments AS p
    INNER JOIN dues AS d
        ON
            d.invoice = p.invoice
            AND d.account = p.account
            AND COALESCE(d.second_currency, 0) = COALESCE(p.second_currency, 0)
            AND COALESCE(d.reconciliation, 0) = COALESCE(p.reconciliation, 0)
            AND (d.amount < 0) <> (p.amount < 0)
            AND d.upto - ABS(d.amount) < p.upto
            AND p.upto - ABS(p.amount) < d.upto
),

applied AS (
    -- Both sides move by the payment's own share of money in the company's currency, so that a party's balance does not
    -- move at all. What an invoice was booked for otherwise stays on it until the exchange difference is booked.
    SELECT
        o.*,
        ROUND((o.finish - o.start) * CASE WHEN o.payment_amount < 0 THEN -1 ELSE 1 END, o.digits) AS part,
        ROUND(
            ROUND(1.0 * o.payment_base * (o.finish - o.payment_start) / ABS(o.payment_amount), o.base_digits)
            - ROUND(1.0 * o.payment_base * (o.start - o.payment_start) / ABS(o.payment_amount), o.base_digits),
            o.base_digits
        ) AS part_base
    FROM beside AS o
    -- More than nothing: SQLite counts in floating numbers.
    WHERE ROUND(o.finish - o.start, o.digits) > 0
),

taken AS (
    SELECT
        x.line,
        SUM(x.part) AS part,
        SUM(x.part_base) AS part_base
    FROM (
        SELECT
            y.payment AS line,
            y.part,
            y.part_base
        FROM applied AS y
        UNION ALL
        SELECT
            z.due,
            -z.part,
            -z.part_base
        FROM applied AS z
    ) AS x
    GROUP BY x.line
),

rests AS (
    -- What is left of each reconciled line.
    SELECT
        l.id,
        l.reconciliation,
        -- Tryton's own date, which its aged balance goes by: up to 8.0 the latest date of the lines, later the latest of
        -- their due dates too, so that an invoice paid early stays open until it is due, with its payment beside it.
        CASE WHEN '{{applied}}' = 'payments' THEN g.last_date ELSE r.date END AS settled_on,
        CASE
            WHEN l.journal <> 'write-off' OR l.role <> 'entry' THEN l.role
            WHEN g.exchanged = 1 AND l.second_currency IS NULL THEN 'exchange'
            ELSE 'result'
        END AS role,
        l.second_currency,
        l.digits,
        l.base_digits,
        ROUND(l.amount - COALESCE(t.part, 0), l.digits) AS amount,
        ROUND(l.base - COALESCE(t.part_base, 0), l.base_digits) AS base
    FROM lines AS l
    INNER JOIN account_move_reconciliation AS r ON r.id = l.reconciliation
    INNER JOIN reconciled AS g ON g.reconciliation = l.reconciliation
    LEFT JOIN taken AS t ON t.line = l.id
),

sides AS (
    SELECT
        reconciliation,
        CASE WHEN base < 0 THEN -1 ELSE 1 END AS side,
        role,
        SUM(ABS(base)) AS weight
    FROM rests
    WHERE base <> 0
    GROUP BY
        reconciliation,
        CASE WHEN base < 0 THEN -1 ELSE 1 END,
        role
),

pairs AS (
    -- On the line that is closed stands what closed it. On the line that closes it stands what that is itself, so that each
    -- is counted once: a receipt as cash, an entry as other.
    SELECT
        q.*,
        CASE
            WHEN q.role IN ('exchange', 'result') THEN 'other'
            WHEN s.role = 'exchange' THEN 'fx'
            WHEN s.role = 'result' THEN 'write_off'
            WHEN q.side = -1 AND s.role = 'payout' THEN 'refund'
            WHEN q.side = -1 AND q.role = 'receipt' THEN 'cash'
            WHEN q.side = -1 AND q.role = 'credit' THEN 'credit'
            WHEN q.side = -1 OR q.role IN ('payout', 'returned') THEN 'other'
            WHEN s.role = 'receipt' THEN 'cash'
            WHEN s.role = 'credit' THEN 'credit'
            ELSE 'other'
        END AS kind,
        COALESCE(s.weight, 1) AS weight
    FROM (
        SELECT
            r.*,
            CASE WHEN r.base < 0 OR (r.base = 0 AND r.amount < 0) THEN -1 ELSE 1 END AS side
        FROM rests AS r
        WHERE
            r.amount <> 0
            OR r.base <> 0
    ) AS q
    LEFT JOIN sides AS s ON s.reconciliation = q.reconciliation AND s.side = -q.side
),

kinds AS (
    SELECT
        id,
        settled_on,
        second_currency,
        digits,
        base_digits,
        amount,
        base,
        kind,
        SUM(weight) AS weight
    FROM pairs
    GROUP BY
        id,
        settled_on,
        second_currency,
        digits,
        base_digits,
        amount,
        base,
        kind
),

shares AS (
    -- An exchange difference takes nothing off an amount in another currency, unless there is nothing else that could.
    SELECT
        k.*,
        CASE
            WHEN k.kind <> 'fx' OR k.second_currency IS NULL THEN k.weight
            WHEN COUNT(*) OVER (PARTITION BY k.id) = 1 THEN k.weight
            ELSE 0
        END AS weight_amount
    FROM kinds AS k
),

running AS (
    SELECT
        s.*,
        SUM(s.weight) OVER (PARTITION BY s.id) AS whole,
        SUM(s.weight_amount) OVER (PARTITION BY s.id) AS whole_amount,
        SUM(s.weight) OVER (PARTITION BY s.id ORDER BY s.kind ROWS UNBOUNDED PRECEDING) AS upto,
        SUM(s.weight_amount) OVER (PARTITION BY s.id ORDER BY s.kind ROWS UNBOUNDED PRECEDING) AS upto_amount
    FROM shares AS s
)

-- Steps of a rounded running share: they come to the whole line, to the cent. 1.0: SQLite would divide whole numbers
-- without their fraction.
SELECT
    'R' || id || '-' || kind AS settlement_id,
    id AS document_id,
    settled_on,
    ROUND(
        ROUND(1.0 * amount * upto_amount / whole_amount, digits)
        - ROUND(1.0 * amount * (upto_amount - weight_amount) / whole_amount, digits),
        digits
    ) AS amount,
    ROUND(
        ROUND(1.0 * base * upto / whole, base_digits) - ROUND(1.0 * base * (upto - weight) / whole, base_digits),
        base_digits
    ) AS amount_base,
    kind
FROM running
UNION ALL
SELECT
    'P' || payment || '-' || due,
    payment,
    settled_on,
    part,
    part_base,
    CASE
        WHEN payment_role = 'receipt' THEN 'cash'
        WHEN payment_role = 'credit' THEN 'credit'
        ELSE 'other'
    END
FROM applied
UNION ALL
SELECT
    'D' || payment || '-' || due,
    due,
    settled_on,
    -part,
    -part_base,
    CASE
        WHEN payment_role = 'receipt' THEN 'cash'
        WHEN payment_role = 'credit' THEN 'credit'
        -- Money paid out for a credit note.
        WHEN payment_role = 'payout' THEN 'refund'
        ELSE 'other'
    END
FROM applied
