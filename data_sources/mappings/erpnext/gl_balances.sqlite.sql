-- What the general ledger holds on receivable accounts at each month-end with postings. It is posted beside the payment
-- ledger, from which the documents come: a difference is a mistake in one of the two.
WITH
months AS (
    SELECT
        g.company,
        DATE(g.posting_date, 'start of month', '+1 month', '-1 day') AS as_of,
        SUM(CAST(g.debit AS DECIMAL(21, 9)) - CAST(g.credit AS DECIMAL(21, 9))) AS moved
    FROM `tabGL Entry` AS g
    INNER JOIN `tabAccount` AS a ON a.name = g.account
    WHERE
        a.account_type = 'Receivable'
        AND COALESCE(g.party_type, '') IN ('Customer', '')
        AND g.is_cancelled = 0
        AND ('{{company}}' = '' OR g.company = '{{company}}')
    GROUP BY g.company, as_of
)

SELECT
    m.company AS entity,
    co.default_currency AS currency,
    m.as_of,
    ROUND(SUM(m.moved) OVER (PARTITION BY m.company ORDER BY m.as_of), 6) AS balance
FROM months AS m
INNER JOIN `tabCompany` AS co ON co.name = m.company
