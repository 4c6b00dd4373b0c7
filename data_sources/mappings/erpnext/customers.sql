-- Customers with the days of their payment terms and their credit limit, both by the fall-backs of ERPNext itself.
WITH
terms AS (
    -- The days of the last instalment. Terms that count from the end of a month have no number of days.
    SELECT
        parent AS template,
        MAX(credit_days) AS days,
        SUM(CASE WHEN due_date_based_on = 'Day(s) after invoice date' THEN 0 ELSE 1 END) AS by_month
    FROM `tabPayment Terms Template Detail`
    GROUP BY parent
),

pairs AS (
    -- The companies in which a customer has a limit or an entry: ERPNext limits credit by company.
    SELECT parent AS customer, company
    FROM `tabCustomer Credit Limit`
    WHERE parenttype = 'Customer'
    UNION
    SELECT party AS customer, company
    FROM `tabPayment Ledger Entry`
    WHERE party_type = 'Customer' AND account_type = 'Receivable' AND delinked = 0
),

limits AS (
    -- The customer's own, else its group's, else the company's. 0 stands for no limit.
    SELECT
        p.customer,
        co.default_currency AS currency,
        COALESCE(
            NULLIF(CAST(own.credit_limit AS DECIMAL(21, 9)), 0),
            NULLIF(CAST(grouped.credit_limit AS DECIMAL(21, 9)), 0),
            NULLIF(CAST(co.credit_limit AS DECIMAL(21, 9)), 0)
        ) AS credit_limit
    FROM pairs AS p
    INNER JOIN `tabCompany` AS co ON co.name = p.company
    INNER JOIN `tabCustomer` AS c ON c.name = p.customer
    LEFT JOIN `tabCustomer Credit Limit` AS own
        ON own.parenttype = 'Customer' AND own.parent = p.customer AND own.company = p.company
    LEFT JOIN `tabCustomer Credit Limit` AS grouped
        ON
            grouped.parenttype = 'Customer Group'
            AND grouped.parent = c.customer_group
            AND grouped.company = p.company
            AND grouped.bypass_credit_limit_check = 0
    WHERE '{{company}}' = '' OR p.company = '{{company}}'
),

limit_of AS (
    -- Limits in several currencies are never added: such a customer has none here. Nor has one whom a company of its
    -- own trusts without end.
    SELECT
        customer,
        CASE
            WHEN COUNT(*) = COUNT(credit_limit) AND MIN(currency) = MAX(currency) THEN SUM(credit_limit)
        END AS credit_limit
    FROM limits
    GROUP BY customer
),

company_terms AS (
    -- Those of the customer's companies, where they agree.
    SELECT
        p.customer,
        MAX(NULLIF(co.payment_terms, '')) AS template
    FROM pairs AS p
    INNER JOIN `tabCompany` AS co ON co.name = p.company
    WHERE '{{company}}' = '' OR p.company = '{{company}}'
    GROUP BY p.customer
    HAVING MIN(COALESCE(co.payment_terms, '')) = MAX(COALESCE(co.payment_terms, ''))
),

sellers AS (
    SELECT t.parent AS customer, MIN(t.sales_person) AS sales_person
    FROM `tabSales Team` AS t
    WHERE
        t.parenttype = 'Customer'
        AND t.idx = (SELECT MIN(o.idx) FROM `tabSales Team` AS o WHERE o.parenttype = 'Customer' AND o.parent = t.parent)
    GROUP BY t.parent
)

SELECT
    c.name AS customer_id,
    c.customer_name AS name,
    c.customer_group AS segment,
    c.territory AS region,
    c.industry,
    c.account_manager AS collector,
    s.sales_person AS sales_rep,
    ROUND(l.credit_limit, 2) AS credit_limit,
    CASE WHEN t.by_month = 0 THEN t.days END AS terms_days,
    c.email_id AS email
FROM `tabCustomer` AS c
LEFT JOIN `tabCustomer Group` AS g ON g.name = c.customer_group
LEFT JOIN company_terms AS ct ON ct.customer = c.name
LEFT JOIN terms AS t ON t.template = COALESCE(NULLIF(c.payment_terms, ''), NULLIF(g.payment_terms, ''), ct.template)
LEFT JOIN limit_of AS l ON l.customer = c.name
LEFT JOIN sellers AS s ON s.customer = c.name
