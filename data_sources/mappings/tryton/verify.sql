-- What Tryton holds for open now, whatever the date: lines without a reconciliation. Where payments are applied to their
-- invoices Tryton says nothing of one line, and each party's lines in a currency are compared together.
SELECT
    CASE WHEN '{{applied}}' = 'reconciliation' THEN l.id END AS document_id,
    COALESCE(NULLIF(TRIM(p.code), ''), '#' || p.id) AS customer_id,
    COALESCE(second.code, base.code) AS currency,
    ROUND(
        SUM(
            CASE
                WHEN second.id IS NOT NULL THEN CAST(l.amount_second_currency AS NUMERIC)
                ELSE CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC)
            END
        ),
        COALESCE(second.digits, base.digits)
    ) AS amount
FROM account_move_line AS l
INNER JOIN account_move AS m ON m.id = l.move
INNER JOIN account_account AS a ON a.id = l.account
INNER JOIN account_account_type AS t ON t.id = a.type
LEFT JOIN account_account_type AS in_debit ON in_debit.id = a.debit_type
LEFT JOIN account_account_type AS in_credit ON in_credit.id = a.credit_type
INNER JOIN party_party AS p ON p.id = l.party
INNER JOIN company_company AS co ON co.id = m.company
INNER JOIN currency_currency AS base ON base.id = co.currency
LEFT JOIN currency_currency AS second ON second.id = l.second_currency AND l.amount_second_currency IS NOT NULL
WHERE
    l.reconciliation IS NULL
    AND (
        t.receivable
        OR (in_debit.receivable AND CAST(l.debit AS NUMERIC) <> 0)
        OR (in_credit.receivable AND CAST(l.credit AS NUMERIC) <> 0)
    )
    AND (m.state = 'posted' OR '{{drafts}}' = 'counted')
    AND m.company IN ({{companies}})
GROUP BY
    CASE WHEN '{{applied}}' = 'reconciliation' THEN l.id END,
    p.id,
    p.code,
    second.code,
    second.digits,
    base.code,
    base.digits
