-- One row a customer account. Credit limit, collector and terms are those of the account; a site may override them.
SELECT
    CAST(ca.cust_account_id AS VARCHAR(40)) AS customer_id,
    p.party_name AS name,
    ca.customer_class_code AS segment,
    p.state AS region,
    p.country AS country,
    col.name AS collector,
    cp.risk_code AS risk_class,
    lim.overall_credit_limit AS credit_limit,
    tl.due_days AS terms_days,
    p.email_address AS email
FROM hz_cust_accounts ca
INNER JOIN hz_parties p ON p.party_id = ca.party_id
LEFT JOIN hz_customer_profiles cp
    ON cp.cust_account_id = ca.cust_account_id
    AND cp.site_use_id IS NULL
LEFT JOIN ar_collectors col ON col.collector_id = cp.collector_id
LEFT JOIN (
    -- Terms with several due dates have several lines: the last one.
    SELECT
        l.term_id AS term_id,
        MAX(l.due_days) AS due_days
    FROM ra_terms_lines l
    GROUP BY l.term_id
) tl ON tl.term_id = cp.standard_terms
LEFT JOIN (
    SELECT
        a.cust_account_profile_id AS cust_account_profile_id,
        MAX(a.overall_credit_limit) AS overall_credit_limit
    FROM hz_cust_profile_amts a
    WHERE
        a.site_use_id IS NULL
        AND a.currency_code = '{{limit_currency}}'
    GROUP BY a.cust_account_profile_id
) lim ON lim.cust_account_profile_id = cp.cust_account_profile_id
