-- Clearing in SAP is all or nothing, on the clearing date. The rules are those of the preset sap, which says why.
WITH
posted AS (
    SELECT
        BUKRS, GJAHR, BELNR, BUZEI, KUNNR, BLART, BSTAT, UMSKZ, SHKZG, BUDAT, AUGDT, AUGBL, REBZG, REBZJ, REBZZ, WRBTR,
        WAERS, DMBTR
    FROM bsad
    UNION ALL
    SELECT
        BUKRS, GJAHR, BELNR, BUZEI, KUNNR, BLART, BSTAT, UMSKZ, SHKZG, BUDAT, AUGDT, AUGBL, REBZG, REBZJ, REBZZ, WRBTR,
        WAERS, DMBTR
    FROM bsid
),

-- As in documents.
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
        TRIM(BLART) AS BLART,
        COALESCE(TRIM(BSTAT), '') AS BSTAT,
        COALESCE(TRIM(UMSKZ), '') AS UMSKZ,
        TRIM(SHKZG) AS SHKZG,
        TRIM(WAERS) AS WAERS,
        RIGHT('0000000000' || TRIM(CAST(REBZG AS VARCHAR)), 10) AS REBZG,
        TRIM(CAST(REBZJ AS VARCHAR)) AS REBZJ,
        RIGHT('000' || TRIM(CAST(REBZZ AS VARCHAR)), 3) AS REBZZ,
        DATE(CASE WHEN CAST(BUDAT AS VARCHAR) ~ '[1-9]' THEN TRIM(CAST(BUDAT AS VARCHAR)) END, '{{date}}') AS BUDAT,
        DATE(CASE WHEN CAST(AUGDT AS VARCHAR) ~ '[1-9]' THEN TRIM(CAST(AUGDT AS VARCHAR)) END, '{{date}}') AS AUGDT,
        RIGHT('0000000000' || TRIM(CAST(AUGBL AS VARCHAR)), 10) AS AUGBL,
        REPLACE(REPLACE(REPLACE(CAST(WRBTR AS VARCHAR), '-', ''), ' ', ''), '''', '') AS WRBTR,
        REPLACE(REPLACE(REPLACE(CAST(DMBTR AS VARCHAR), '-', ''), ' ', ''), '''', '') AS DMBTR
    FROM posted
),

clearings AS (
    SELECT
        BUKRS,
        AUGBL,
        AUGDT,
        MAX(CASE WHEN BLART IN ({{payment_types}}) THEN 1 ELSE 0 END) AS paid,
        MAX(CASE WHEN BLART IN ({{write_off_types}}) THEN 1 ELSE 0 END) AS written_off,
        MAX(
            CASE
                WHEN BLART IN ({{credit_memo_types}}) THEN 1
                WHEN BLART IN ({{invoice_types}}) AND SHKZG = 'H' THEN 1
                ELSE 0
            END
        ) AS credited
    FROM texts
    WHERE AUGDT IS NOT NULL
    GROUP BY
        BUKRS,
        AUGBL,
        AUGDT
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
        ) AS document_size,
        TRY_CAST(
            REPLACE(
                REPLACE(
                    REPLACE(
                        REPLACE(
                            CASE
                                WHEN p.DMBTR ~ '^[0-9]{1,3}([.,][0-9]{3})*([{{decimal}}][0-9]*)?$' THEN p.DMBTR
                                WHEN p.DMBTR ~ '^[0-9]+([{{decimal}}][0-9]*)?$' THEN p.DMBTR
                            END,
                            '{{decimal}}', '#'
                        ), '.', ''
                    ), ',', ''
                ), '#', '.'
            ) AS DECIMAL(20, 4)
        ) AS base_size
    FROM texts p
),

sized AS (
    SELECT
        p.*,
        '{{client}}-' || p.BUKRS || '-' || p.GJAHR || '-' || p.BELNR || '-' || p.BUZEI AS id,
        CASE
            WHEN p.WAERS IN ({{hundredfold}}) THEN p.document_size * 100
            WHEN p.WAERS IN ({{tenth}}) THEN p.document_size / 10
            ELSE p.document_size
        END AS size,
        CASE
            WHEN TRIM(t.WAERS) IN ({{hundredfold_base}}) THEN p.base_size * 100
            WHEN TRIM(t.WAERS) IN ({{tenth_base}}) THEN p.base_size / 10
            ELSE p.base_size
        END AS size_base
    FROM numbers p
    LEFT JOIN t001 t ON TRIM(CAST(t.BUKRS AS VARCHAR)) = p.BUKRS
    WHERE
        ('*' IN ({{company_codes}}) OR p.BUKRS IN ({{company_codes}}))
        AND p.BSTAT NOT IN ('S', 'V', 'W', 'Z', 'D', 'M')
        AND p.UMSKZ NOT IN ({{noted_items}})
        AND ('{{special_gl}}' = 'keep' OR p.UMSKZ = '')
),

items AS (
    SELECT
        s.*,
        -- Open items are one clearing that has no number and no day.
        CASE WHEN s.AUGDT IS NULL THEN 'open' ELSE s.AUGBL END AS fate,
        COALESCE(s.AUGDT, DATE('9999-12-31')) AS until,
        CASE WHEN s.SHKZG = 'H' THEN -s.size ELSE s.size END AS amount,
        CASE WHEN s.SHKZG = 'H' THEN -s.size_base ELSE s.size_base END AS amount_base
    FROM sized s
),

parts AS (
    SELECT
        p.id AS part,
        inv.id AS invoice,
        inv.amount AS invoiced,
        p.amount AS amount,
        p.amount_base AS amount_base,
        CASE WHEN p.BUDAT > inv.BUDAT THEN p.BUDAT ELSE inv.BUDAT END AS netted_on,
        CASE
            WHEN p.BLART IN ({{payment_types}}) THEN 'cash'
            WHEN p.BLART IN ({{credit_memo_types}}) OR p.BLART IN ({{invoice_types}}) THEN 'credit'
            ELSE 'other'
        END AS kind
    FROM items p
    INNER JOIN items inv
        ON inv.BUKRS = p.BUKRS
        AND inv.BELNR = p.REBZG
        AND inv.GJAHR = p.REBZJ
        AND inv.BUZEI = p.REBZZ
        AND inv.KUNNR = p.KUNNR
        AND inv.WAERS = p.WAERS
        AND inv.until = p.until
        AND inv.fate = p.fate
    WHERE
        '{{partial_payments}}' = 'net'
        AND p.SHKZG = 'H'
        AND inv.SHKZG = 'S'
        AND p.BUDAT < p.until
        AND inv.BUDAT < inv.until
),

netted AS (
    SELECT
        invoice,
        -SUM(amount) AS amount,
        -SUM(amount_base) AS amount_base
    FROM parts
    GROUP BY
        invoice,
        invoiced
    HAVING -SUM(amount) <= invoiced
),

taken AS (
    SELECT
        p.part AS part,
        p.invoice AS invoice,
        p.netted_on AS netted_on,
        p.amount AS amount,
        p.amount_base AS amount_base,
        p.kind AS kind
    FROM parts p
    INNER JOIN netted n ON n.invoice = p.invoice
)

SELECT
    t.part || '>invoice' AS settlement_id,
    t.part AS document_id,
    t.netted_on AS settled_on,
    t.amount AS amount,
    t.amount_base AS amount_base,
    t.kind AS kind
FROM taken t
UNION ALL
SELECT
    t.part || '>part' AS settlement_id,
    t.invoice AS document_id,
    t.netted_on AS settled_on,
    -t.amount AS amount,
    -t.amount_base AS amount_base,
    t.kind AS kind
FROM taken t
UNION ALL
SELECT
    i.id || '>' || i.AUGBL AS settlement_id,
    i.id AS document_id,
    i.AUGDT AS settled_on,
    i.amount - COALESCE(n.amount, 0) AS amount,
    i.amount_base - COALESCE(n.amount_base, 0) AS amount_base,
    CASE
        WHEN i.amount = n.amount THEN 'fx'
        WHEN c.paid = 1 THEN 'cash'
        WHEN c.written_off = 1 AND i.BLART NOT IN ({{write_off_types}}) THEN 'write_off'
        WHEN c.written_off = 1 THEN 'other'
        WHEN c.credited = 1 THEN 'credit'
        ELSE 'other'
    END AS kind
FROM items i
INNER JOIN clearings c ON c.BUKRS = i.BUKRS AND c.AUGBL = i.AUGBL AND c.AUGDT = i.AUGDT
LEFT JOIN netted n ON n.invoice = i.id
LEFT JOIN taken t ON t.part = i.id
WHERE
    t.part IS NULL
    AND (i.amount - COALESCE(n.amount, 0) <> 0 OR i.amount_base - COALESCE(n.amount_base, 0) <> 0)
