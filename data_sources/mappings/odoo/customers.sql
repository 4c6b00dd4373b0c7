-- One row a partner with receivable items, and its company where that is another partner.
WITH
owing AS (
    SELECT DISTINCT l.partner_id
    FROM account_move_line AS l
    INNER JOIN account_account AS a ON a.id = l.account_id
    WHERE
        a.account_type = 'asset_receivable'
        AND (a.non_trade IS NOT TRUE OR '{{non_trade}}' = 'included')
        AND l.parent_state = 'posted'
        AND l.company_id IN ({{companies}})
),

-- Entries may name a contact of a company; its company then is asked for too.
partners AS (
    SELECT p.id
    FROM res_partner AS p
    WHERE p.id IN (SELECT o.partner_id FROM owing AS o)
    UNION
    SELECT p.commercial_partner_id AS id
    FROM res_partner AS p
    WHERE p.id IN (SELECT o.partner_id FROM owing AS o)
),

-- Odoo 16 and 17 keep what may differ by company beside the partner, in ir_property. Of several companies that are read
-- the largest limit and the longest terms count.
limits AS (
    SELECT
        CAST(SUBSTR(x.res_id, 13) AS INTEGER) AS partner_id,
        MAX(x.value_float) AS credit_limit
    FROM ir_property AS x
    WHERE
        x.name = 'credit_limit'
        AND x.res_id LIKE 'res.partner,%'
        AND (x.company_id IS NULL OR x.company_id IN ({{companies}}))
    GROUP BY CAST(SUBSTR(x.res_id, 13) AS INTEGER)
),

agreed AS (
    SELECT
        CAST(SUBSTR(x.res_id, 13) AS INTEGER) AS partner_id,
        CAST(SUBSTR(x.value_reference, 22) AS INTEGER) AS term_id
    FROM ir_property AS x
    WHERE
        x.name = 'property_payment_term_id'
        AND x.res_id LIKE 'res.partner,%'
        AND x.value_reference LIKE 'account.payment.term,%'
        AND (x.company_id IS NULL OR x.company_id IN ({{companies}}))
),

-- Days to the last instalment; terms that end with a month have no such number.
term_days AS (
    SELECT
        t.payment_id AS term_id,
        MAX(t.nb_days) AS days
    FROM account_payment_term_line AS t
    GROUP BY t.payment_id
    HAVING SUM(CASE WHEN t.delay_type = 'days_after' THEN 0 ELSE 1 END) = 0
),

terms AS (
    SELECT
        g.partner_id,
        MAX(t.days) AS days
    FROM agreed AS g
    INNER JOIN term_days AS t ON t.term_id = g.term_id
    GROUP BY g.partner_id
),

-- Who sold to a partner without a salesperson last.
sellers AS (
    SELECT
        m.commercial_partner_id AS partner_id,
        m.invoice_user_id AS user_id,
        ROW_NUMBER() OVER (PARTITION BY m.commercial_partner_id ORDER BY m.date DESC, m.id DESC) AS nth
    FROM account_move AS m
    WHERE
        m.state = 'posted'
        AND m.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
        AND m.invoice_user_id IS NOT NULL
        AND m.company_id IN ({{companies}})
),

users AS (
    SELECT
        u.id,
        w.name
    FROM res_users AS u
    INNER JOIN res_partner AS w ON w.id = u.partner_id
),

-- A partner may have several tags: the first by the alphabet.
tags AS (
    SELECT
        r.partner_id,
        MIN(COALESCE(t.name ->> '{{language}}', t.name ->> 'en_US')) AS name
    FROM res_partner_res_partner_category_rel AS r
    INNER JOIN res_partner_category AS t ON t.id = r.category_id
    GROUP BY r.partner_id
)

SELECT
    p.id AS customer_id,
    -- Addresses of a company often have no name of their own.
    COALESCE(NULLIF(p.name, ''), company.name) AS name,
    CASE WHEN company.id <> p.id THEN company.id END AS parent_id,
    tags.name AS segment,
    COALESCE(country.name ->> '{{language}}', country.name ->> 'en_US') AS country,
    COALESCE(industry.name ->> '{{language}}', industry.name ->> 'en_US') AS industry,
    COALESCE(salesperson.name, seller.name) AS collector,
    COALESCE(salesperson.name, seller.name) AS sales_rep,
    -- Odoo checks a limit for the company as a whole, and 0 is none.
    CASE WHEN company.id = p.id AND limits.credit_limit > 0 THEN limits.credit_limit END AS credit_limit,
    terms.days AS terms_days,
    COALESCE(p.email, company.email) AS email
FROM partners
INNER JOIN res_partner AS p ON p.id = partners.id
INNER JOIN res_partner AS company ON company.id = COALESCE(p.commercial_partner_id, p.id)
LEFT JOIN res_country AS country ON country.id = COALESCE(p.country_id, company.country_id)
LEFT JOIN res_partner_industry AS industry ON industry.id = company.industry_id
LEFT JOIN tags ON tags.partner_id = company.id
LEFT JOIN limits ON limits.partner_id = company.id
LEFT JOIN terms ON terms.partner_id = company.id
LEFT JOIN users AS salesperson ON salesperson.id = COALESCE(p.user_id, company.user_id)
LEFT JOIN sellers ON sellers.partner_id = company.id AND sellers.nth = 1
LEFT JOIN users AS seller ON seller.id = sellers.user_id
UNION ALL
-- Items without a partner stand under one name, as in Odoo's reports.
SELECT
    0,
    'No partner',
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL
FROM (SELECT MIN(1) AS one FROM owing WHERE owing.partner_id IS NULL) AS nobody
WHERE nobody.one IS NOT NULL
