-- One row per customer, codes replaced by their names. A code that is missing stays null ("Unassigned").
SELECT
    c.cust_no AS customer_id,
    c.name AS name,
    c.group_no AS parent_id,
    g.name AS segment,
    t.name AS region,
    c.country AS country,
    c.industry AS industry,
    k.name AS collector,
    s.name AS sales_rep,
    r.name AS risk_class,
    c.credit_limit AS credit_limit,
    p.net_days AS terms_days,
    c.ap_email AS email
FROM cust AS c
LEFT JOIN territory AS t ON t.terr_cd = c.terr_cd
LEFT JOIN segment AS g ON g.seg_cd = c.seg_cd
LEFT JOIN staff AS k ON k.staff_cd = c.collector_cd
LEFT JOIN staff AS s ON s.staff_cd = c.rep_cd
LEFT JOIN risk AS r ON r.risk_cd = c.risk_cd
LEFT JOIN pay_terms AS p ON p.terms_cd = c.terms_cd
