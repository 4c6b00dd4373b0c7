-- One row a customer. What a company code says of it is taken where all that are read agree.
WITH
in_company_codes AS (
    SELECT
        CASE
            WHEN TRIM(CAST(KUNNR AS VARCHAR)) ~ '^[0-9]+$'
                THEN RIGHT('0000000000' || TRIM(CAST(KUNNR AS VARCHAR)), 10)
            ELSE TRIM(CAST(KUNNR AS VARCHAR))
        END AS KUNNR,
        COALESCE(TRIM(CAST(BUSAB AS VARCHAR)), '') AS clerk,
        CASE
            WHEN TRIM(CAST(KNRZE AS VARCHAR)) ~ '^[0-9]+$'
                THEN RIGHT('0000000000' || TRIM(CAST(KNRZE AS VARCHAR)), 10)
            ELSE COALESCE(TRIM(CAST(KNRZE AS VARCHAR)), '')
        END AS head_office
    FROM knb1
    WHERE '*' IN ({{company_codes}}) OR TRIM(CAST(BUKRS AS VARCHAR)) IN ({{company_codes}})
),

agreed AS (
    SELECT
        KUNNR,
        MIN(clerk) AS clerk,
        MAX(clerk) AS other_clerk,
        MIN(head_office) AS head_office,
        MAX(head_office) AS other_head_office
    FROM in_company_codes
    GROUP BY KUNNR
),

named AS (
    SELECT
        CASE
            WHEN TRIM(CAST(KUNNR AS VARCHAR)) ~ '^[0-9]+$'
                THEN RIGHT('0000000000' || TRIM(CAST(KUNNR AS VARCHAR)), 10)
            ELSE TRIM(CAST(KUNNR AS VARCHAR))
        END AS KUNNR,
        NAME1,
        KTOKD,
        REGIO,
        LAND1,
        BRSCH
    FROM kna1
)

SELECT
    a.KUNNR AS customer_id,
    a.NAME1 AS name,
    CASE WHEN c.head_office = c.other_head_office AND c.head_office <> '' THEN c.head_office END AS parent_id,
    a.KTOKD AS segment,
    a.REGIO AS region,
    a.LAND1 AS country,
    a.BRSCH AS industry,
    CASE WHEN c.clerk = c.other_clerk THEN c.clerk END AS collector
FROM named a
INNER JOIN agreed c ON c.KUNNR = a.KUNNR
