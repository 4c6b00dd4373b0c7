-- What the receivable accounts came to in the company's currency, on the last day of each month that was posted on. Lines
-- without a party count here, and are in no aged balance.
WITH
days AS (
    SELECT
        m.company,
        m.date,
        SUM(CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC)) AS moved
    FROM account_move_line AS l
    INNER JOIN account_move AS m ON m.id = l.move
    INNER JOIN account_account AS a ON a.id = l.account
    INNER JOIN account_account_type AS t ON t.id = a.type
    LEFT JOIN account_account_type AS in_debit ON in_debit.id = a.debit_type
    LEFT JOIN account_account_type AS in_credit ON in_credit.id = a.credit_type
    WHERE
        (
            t.receivable
            OR (in_debit.receivable AND CAST(l.debit AS NUMERIC) <> 0)
            OR (in_credit.receivable AND CAST(l.credit AS NUMERIC) <> 0)
        )
        AND (m.state = 'posted' OR '{{drafts}}' = 'counted')
        AND m.company IN ({{companies}})
    GROUP BY
        m.company,
        m.date
),

balances AS (
    SELECT
        company,
        date,
        SUM(moved) OVER (PARTITION BY company ORDER BY date) AS balance,
        ROW_NUMBER() OVER (PARTITION BY company, SUBSTR(CAST(date AS TEXT), 1, 7) ORDER BY date DESC) AS from_the_end
    FROM days
)

SELECT
    COALESCE(NULLIF(TRIM(own.name), ''), own.code) AS entity,
    base.code AS currency,
    b.date AS as_of,
    ROUND(b.balance, base.digits) AS balance
FROM balances AS b
INNER JOIN company_company AS co ON co.id = b.company
INNER JOIN party_party AS own ON own.id = co.party
INNER JOIN currency_currency AS base ON base.id = co.currency
WHERE b.from_the_end = 1
