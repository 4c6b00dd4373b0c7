-- What the receivable accounts came to in the company's currency, on the last day of each month that was posted on.
WITH
days AS (
    SELECT
        l.company_id,
        l.company_currency_id,
        l.date,
        SUM(CAST(l.balance AS NUMERIC)) AS moved
    FROM account_move_line AS l
    INNER JOIN account_account AS a ON a.id = l.account_id
    WHERE
        a.account_type = 'asset_receivable'
        AND (a.non_trade IS NOT TRUE OR '{{non_trade}}' = 'included')
        AND l.parent_state = 'posted'
        AND l.company_id IN ({{companies}})
    GROUP BY
        l.company_id,
        l.company_currency_id,
        l.date
),

balances AS (
    SELECT
        company_id,
        company_currency_id,
        date,
        SUM(moved) OVER (PARTITION BY company_id ORDER BY date) AS balance,
        ROW_NUMBER() OVER (
            PARTITION BY company_id, SUBSTR(CAST(date AS TEXT), 1, 7)
            ORDER BY date DESC
        ) AS from_the_end
    FROM days
)

SELECT
    co.name AS entity,
    own.name AS currency,
    b.date AS as_of,
    ROUND(b.balance, own.decimal_places) AS balance
FROM balances AS b
INNER JOIN res_company AS co ON co.id = b.company_id
INNER JOIN res_currency AS own ON own.id = b.company_currency_id
WHERE b.from_the_end = 1
