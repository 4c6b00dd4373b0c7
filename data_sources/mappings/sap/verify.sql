-- SAP's own word: BSID is its table of what is open now, and FBL5N reads it. The balances of KNC1 are by customer and
-- month in company-code currency, which is no word on a document: see README. Where partial payments are netted SAP
-- still lists them apart, so that only customers can be compared.
WITH
shifts AS (
    SELECT
        CURRKEY,
        CASE CURRDEC WHEN 0 THEN 100 WHEN 1 THEN 10 WHEN 3 THEN 0.1 WHEN 4 THEN 0.01 WHEN 5 THEN 0.001 ELSE 1 END
            AS factor
    FROM {{schema}}TCURX
),

items AS (
    SELECT
        CASE
            WHEN '{{partial_payments}}' = 'apart' THEN
                '{{client}}-' {{join}} p.BUKRS {{join}} '-' {{join}} p.GJAHR
                {{join}} '-' {{join}} p.BELNR {{join}} '-' {{join}} p.BUZEI
        END AS document_id,
        p.KUNNR AS customer_id,
        p.WAERS AS currency,
        CASE WHEN p.SHKZG = 'H' THEN -p.WRBTR ELSE p.WRBTR END * COALESCE(x.factor, 1) AS amount
    FROM {{schema}}BSID p
    LEFT JOIN shifts x ON x.CURRKEY = p.WAERS
    WHERE
        p.MANDT = '{{client}}'
        AND ('*' IN ({{company_codes}}) OR p.BUKRS IN ({{company_codes}}))
        AND COALESCE(p.BSTAT, ' ') NOT IN ('S', 'V', 'W', 'Z', 'D', 'M')
        AND COALESCE(p.UMSKZ, ' ') NOT IN ({{noted_items}})
        AND ('{{special_gl}}' = 'keep' OR COALESCE(p.UMSKZ, ' ') <= ' ')
)

SELECT
    document_id,
    customer_id,
    currency,
    SUM(amount) AS amount
FROM items
GROUP BY
    document_id,
    customer_id,
    currency
