-- One row a party with lines on a receivable account.
WITH
owing AS (
    SELECT DISTINCT l.party
    FROM account_move_line AS l
    INNER JOIN account_move AS m ON m.id = l.move
    INNER JOIN account_account AS a ON a.id = l.account
    INNER JOIN account_account_type AS t ON t.id = a.type
    LEFT JOIN account_account_type AS in_debit ON in_debit.id = a.debit_type
    LEFT JOIN account_account_type AS in_credit ON in_credit.id = a.credit_type
    WHERE
        (t.receivable OR in_debit.receivable OR in_credit.receivable)
        AND m.company IN ({{companies}})
),

-- Days of the terms with one due date; none where that is a set day, such as the end of the month. Terms without any delay
-- are due at once.
plain AS (
    SELECT
        n.payment AS term,
        COUNT(DISTINCT n.id) AS instalments,
        SUM(COALESCE(d.days, 0) + 7 * COALESCE(d.weeks, 0)) AS days,
        SUM(
            CASE
                WHEN d.day IS NOT NULL OR d.month IS NOT NULL OR d.weekday IS NOT NULL OR COALESCE(d.months, 0) <> 0 THEN 1
                ELSE 0
            END
        ) AS set_days
    FROM account_invoice_payment_term_line AS n
    LEFT JOIN account_invoice_payment_term_line_delta AS d ON d.line = n.id
    GROUP BY n.payment
),

-- Fields that may have several values stand in tables of their own, a row for each value or for none.
agreed AS (
    SELECT
        x.party,
        MAX(p.days) AS days
    FROM party_party_payment_term AS x
    INNER JOIN plain AS p ON p.term = x.customer_payment_term AND p.instalments = 1 AND p.set_days = 0
    GROUP BY x.party
),

-- A party may be in several categories: the first by the alphabet.
categories AS (
    SELECT
        r.party,
        MIN(c.name) AS name
    FROM "party_party-party_category" AS r
    INNER JOIN party_category AS c ON c.id = r.category
    GROUP BY r.party
),

-- The country of the first address that has one.
places AS (
    SELECT
        a.party,
        c.name,
        ROW_NUMBER() OVER (PARTITION BY a.party ORDER BY COALESCE(a.sequence, 0), a.id) AS nth
    FROM party_address AS a
    INNER JOIN country_country AS c ON c.id = a.country
    WHERE a.active
)

SELECT
    COALESCE(NULLIF(TRIM(p.code), ''), '#' || p.id) AS customer_id,
    -- Neither code nor name must be there.
    COALESCE(NULLIF(TRIM(p.name), ''), NULLIF(TRIM(p.code), ''), 'Party ' || p.id) AS name,
    categories.name AS segment,
    places.name AS country,
    agreed.days AS terms_days
FROM owing AS o
INNER JOIN party_party AS p ON p.id = o.party
LEFT JOIN categories ON categories.party = p.id
LEFT JOIN places ON places.party = p.id AND places.nth = 1
LEFT JOIN agreed ON agreed.party = p.id
