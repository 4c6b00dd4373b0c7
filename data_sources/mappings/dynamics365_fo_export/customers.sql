SELECT
    CAST(c.recid AS VARCHAR(20)) AS customer_id,
    -- The address book is one for all companies: the only join without a company.
    COALESCE(p.name, c.accountnum) AS name,
    c.custgroup AS segment,
    c.creditrating AS risk_class,
    -- 0 stands for no limit.
    CASE WHEN c.creditmax > 0 THEN c.creditmax END AS credit_limit
FROM custtable c
LEFT JOIN dirpartytable p ON p.recid = c.party
