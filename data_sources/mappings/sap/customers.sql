-- One row a customer. What a company code says of it (clerk, terms, head office) is taken where all that are read
-- agree, and left empty where they do not.
WITH
net_days AS (
    SELECT
        ZTERM,
        CASE
            -- Terms with several day limits have a row for each.
            WHEN COUNT(*) > 1 THEN NULL
            WHEN MAX(ZTAG3) > 0 THEN MAX(ZTAG3)
            WHEN MAX(ZTAG2) > 0 THEN MAX(ZTAG2)
            ELSE MAX(ZTAG1)
        END AS terms_days
    FROM {{schema}}T052
    WHERE MANDT = '{{client}}'
    GROUP BY ZTERM
),

in_company_codes AS (
    SELECT
        b.KUNNR,
        MIN(b.KNRZE) AS head_office,
        MAX(b.KNRZE) AS other_head_office,
        MIN(COALESCE(s.SNAME, b.BUSAB)) AS clerk,
        MAX(COALESCE(s.SNAME, b.BUSAB)) AS other_clerk,
        MIN(n.terms_days) AS terms_days,
        MAX(n.terms_days) AS other_terms_days
    FROM {{schema}}KNB1 b
    LEFT JOIN {{schema}}T001S s ON s.MANDT = b.MANDT AND s.BUKRS = b.BUKRS AND s.BUSAB = b.BUSAB
    LEFT JOIN net_days n ON n.ZTERM = b.ZTERM
    WHERE
        b.MANDT = '{{client}}'
        AND ('*' IN ({{company_codes}}) OR b.BUKRS IN ({{company_codes}}))
    GROUP BY b.KUNNR
)

SELECT
    -- With its leading zeros, as all tables have it.
    a.KUNNR AS customer_id,
    a.NAME1 AS name,
    CASE WHEN c.head_office = c.other_head_office AND c.head_office > ' ' THEN c.head_office END AS parent_id,
    a.KTOKD AS segment,
    a.REGIO AS region,
    a.LAND1 AS country,
    a.BRSCH AS industry,
    CASE WHEN c.clerk = c.other_clerk THEN c.clerk END AS collector,
    k.CTLPC AS risk_class,
    -- 0 is what a customer without a limit has.
    CASE
        WHEN k.KLIMK > 0 THEN
            k.KLIMK * CASE x.CURRDEC WHEN 0 THEN 100 WHEN 1 THEN 10 WHEN 3 THEN 0.1 WHEN 4 THEN 0.01 ELSE 1 END
    END AS credit_limit,
    CASE WHEN c.terms_days = c.other_terms_days THEN c.terms_days END AS terms_days
FROM {{schema}}KNA1 a
INNER JOIN in_company_codes c ON c.KUNNR = a.KUNNR
LEFT JOIN {{schema}}KNKK k ON k.MANDT = a.MANDT AND k.KUNNR = a.KUNNR AND k.KKBER = '{{credit_area}}'
LEFT JOIN {{schema}}T014 r ON r.MANDT = k.MANDT AND r.KKBER = k.KKBER
LEFT JOIN {{schema}}TCURX x ON x.CURRKEY = r.WAERS
WHERE a.MANDT = '{{client}}'
