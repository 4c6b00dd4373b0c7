-- SAP's own word: BSID is its table of what is open now. Where partial payments are netted SAP still lists them apart,
-- so that only customers can be compared.
WITH
texts AS (
    SELECT
        TRIM(CAST(BUKRS AS VARCHAR)) AS BUKRS,
        TRIM(CAST(GJAHR AS VARCHAR)) AS GJAHR,
        RIGHT('0000000000' || TRIM(CAST(BELNR AS VARCHAR)), 10) AS BELNR,
        RIGHT('000' || TRIM(CAST(BUZEI AS VARCHAR)), 3) AS BUZEI,
        CASE
            WHEN TRIM(CAST(KUNNR AS VARCHAR)) ~ '^[0-9]+$'
                THEN RIGHT('0000000000' || TRIM(CAST(KUNNR AS VARCHAR)), 10)
            ELSE TRIM(CAST(KUNNR AS VARCHAR))
        END AS KUNNR,
        COALESCE(TRIM(BSTAT), '') AS BSTAT,
        COALESCE(TRIM(UMSKZ), '') AS UMSKZ,
        TRIM(SHKZG) AS SHKZG,
        TRIM(WAERS) AS WAERS,
        REPLACE(REPLACE(REPLACE(CAST(WRBTR AS VARCHAR), '-', ''), ' ', ''), '''', '') AS WRBTR
    FROM bsid
),

-- Only well-grouped digits are a number: 12.34 is none where the decimal sign is a comma.
numbers AS (
    SELECT
        p.*,
        TRY_CAST(
            REPLACE(
                REPLACE(
                    REPLACE(
                        REPLACE(
                            CASE
                                WHEN p.WRBTR ~ '^[0-9]{1,3}([.,][0-9]{3})*([{{decimal}}][0-9]*)?$' THEN p.WRBTR
                                WHEN p.WRBTR ~ '^[0-9]+([{{decimal}}][0-9]*)?$' THEN p.WRBTR
                            END,
                            '{{decimal}}', '#'
                        ), '.', ''
                    ), ',', ''
                ), '#', '.'
            ) AS DECIMAL(20, 4)
        ) AS document_size
    FROM texts p
),

sized AS (
    SELECT
        p.*,
        CASE
            WHEN p.WAERS IN ({{hundredfold}}) THEN p.document_size * 100
            WHEN p.WAERS IN ({{tenth}}) THEN p.document_size / 10
            ELSE p.document_size
        END AS size
    FROM numbers p
    WHERE
        ('*' IN ({{company_codes}}) OR p.BUKRS IN ({{company_codes}}))
        AND p.BSTAT NOT IN ('S', 'V', 'W', 'Z', 'D', 'M')
        AND p.UMSKZ NOT IN ({{noted_items}})
        AND ('{{special_gl}}' = 'keep' OR p.UMSKZ = '')
),

items AS (
    SELECT
        CASE
            WHEN '{{partial_payments}}' = 'apart'
                THEN '{{client}}-' || BUKRS || '-' || GJAHR || '-' || BELNR || '-' || BUZEI
        END AS document_id,
        KUNNR AS customer_id,
        WAERS AS currency,
        CASE WHEN SHKZG = 'H' THEN -size ELSE size END AS amount
    FROM sized
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
