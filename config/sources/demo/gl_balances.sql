-- The trade receivables account of each company at every month's end, in its own currency. The other accounts are not AR.
SELECT
    co.name AS entity,
    co.curr_cd AS currency,
    g.period_end AS as_of,
    iif(g.bal < 0, '-', '') || (abs(g.bal) / 100) || '.' || substr(abs(g.bal) % 100 + 100, 2) AS balance
FROM gl_balance AS g
JOIN company AS co ON co.co_cd = g.co_cd
WHERE g.account = '120000'
