-- One row a customer line item, open (BSID) or cleared (BSAD). The rules are those of the preset sap, which says why;
-- what is here besides is reading: lists have everything as text, and write numbers, days and keys as people see them.
WITH
posted AS (
    -- Cleared items first: of an item that was cleared between the two lists, the later state counts.
    SELECT
        BUKRS, GJAHR, BELNR, BUZEI, KUNNR, BLART, BSTAT, UMSKZ, SHKZG, BUDAT, BLDAT, ZFBDT, ZBD1T, ZBD2T, ZBD3T,
        REBZG, REBZJ, REBZZ, WRBTR, WAERS, DMBTR, MANSP
    FROM bsad
    UNION ALL
    SELECT
        BUKRS, GJAHR, BELNR, BUZEI, KUNNR, BLART, BSTAT, UMSKZ, SHKZG, BUDAT, BLDAT, ZFBDT, ZBD1T, ZBD2T, ZBD3T,
        REBZG, REBZJ, REBZZ, WRBTR, WAERS, DMBTR, MANSP
    FROM bsid
),

texts AS (
    SELECT
        TRIM(CAST(BUKRS AS VARCHAR)) AS BUKRS,
        TRIM(CAST(GJAHR AS VARCHAR)) AS GJAHR,
        -- Some lists show keys without their leading zeros, and not all of them do: all get them back.
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
        COALESCE(TRIM(MANSP), '') AS MANSP,
        COALESCE(TRIM(CAST(REBZG AS VARCHAR)), '') AS REBZG,
        RIGHT('0000000000' || TRIM(CAST(REBZG AS VARCHAR)), 10) AS REBZG_BELNR,
        TRIM(CAST(REBZJ AS VARCHAR)) AS REBZJ,
        RIGHT('000' || TRIM(CAST(REBZZ AS VARCHAR)), 3) AS REBZZ,
        -- An empty day is '00000000', '00.00.0000' or nothing.
        DATE(CASE WHEN CAST(BUDAT AS VARCHAR) ~ '[1-9]' THEN TRIM(CAST(BUDAT AS VARCHAR)) END, '{{date}}') AS BUDAT,
        DATE(CASE WHEN CAST(BLDAT AS VARCHAR) ~ '[1-9]' THEN TRIM(CAST(BLDAT AS VARCHAR)) END, '{{date}}') AS BLDAT,
        DATE(CASE WHEN CAST(ZFBDT AS VARCHAR) ~ '[1-9]' THEN TRIM(CAST(ZFBDT AS VARCHAR)) END, '{{date}}') AS ZFBDT,
        COALESCE(TRY_CAST(TRIM(CAST(ZBD1T AS VARCHAR)) AS INTEGER), 0) AS ZBD1T,
        COALESCE(TRY_CAST(TRIM(CAST(ZBD2T AS VARCHAR)) AS INTEGER), 0) AS ZBD2T,
        COALESCE(TRY_CAST(TRIM(CAST(ZBD3T AS VARCHAR)) AS INTEGER), 0) AS ZBD3T,
        -- The sign is that of SHKZG. A list may write it besides, in front or behind (1.234,56-): once is enough.
        REPLACE(REPLACE(REPLACE(CAST(WRBTR AS VARCHAR), '-', ''), ' ', ''), '''', '') AS WRBTR,
        REPLACE(REPLACE(REPLACE(CAST(DMBTR AS VARCHAR), '-', ''), ' ', ''), '''', '') AS DMBTR
    FROM posted
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
        TRIM(t.WAERS) AS base_currency,
        CASE
            WHEN p.WAERS IN ({{hundredfold}}) THEN p.document_size * 100
            WHEN p.WAERS IN ({{tenth}}) THEN p.document_size / 10
            ELSE p.document_size
        END AS size,
        CASE
            WHEN TRIM(t.WAERS) IN ({{hundredfold_base}}) THEN p.base_size * 100
            WHEN TRIM(t.WAERS) IN ({{tenth_base}}) THEN p.base_size / 10
            ELSE p.base_size
        END AS size_base,
        COALESCE(p.ZFBDT, p.BLDAT) AS base_day,
        CASE
            WHEN p.SHKZG = 'H' AND p.REBZG = '' THEN 0
            WHEN p.ZBD3T > 0 THEN p.ZBD3T
            WHEN p.ZBD2T > 0 THEN p.ZBD2T
            ELSE p.ZBD1T
        END AS net_days,
        CASE WHEN p.SHKZG = 'H' OR '{{residual_items}}' = 'invoice' THEN p.REBZG_BELNR END AS due_with
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
        CASE WHEN s.SHKZG = 'H' THEN -s.size ELSE s.size END AS amount,
        CASE WHEN s.SHKZG = 'H' THEN -s.size_base ELSE s.size_base END AS amount_base,
        s.base_day + s.net_days * INTERVAL '1 day' AS net_due
    FROM sized s
)

SELECT
    '{{client}}-' || d.BUKRS || '-' || d.GJAHR || '-' || d.BELNR || '-' || d.BUZEI AS document_id,
    d.KUNNR AS customer_id,
    d.BUKRS AS entity,
    CASE
        WHEN d.BLART IN ({{payment_types}}) THEN 'payment'
        WHEN d.BLART IN ({{credit_memo_types}}) THEN 'credit_memo'
        WHEN d.BLART IN ({{invoice_types}}) AND d.SHKZG = 'H' THEN 'credit_memo'
        WHEN d.BLART IN ({{invoice_types}}) THEN 'invoice'
        ELSE 'journal'
    END AS kind,
    d.BLDAT AS document_date,
    d.BUDAT AS posting_date,
    COALESCE(inv.net_due, d.net_due) AS due_date,
    d.WAERS AS currency,
    d.amount AS amount,
    d.amount_base AS amount_base,
    d.base_currency AS base_currency,
    CASE
        WHEN d.MANSP <> '' AND ('*' IN ({{dispute_blocks}}) OR d.MANSP IN ({{dispute_blocks}})) THEN 1
        ELSE 0
    END AS disputed,
    CASE
        WHEN d.MANSP <> '' AND ('*' IN ({{dispute_blocks}}) OR d.MANSP IN ({{dispute_blocks}}))
            THEN 'Dunning block ' || d.MANSP
    END AS dispute_reason,
    d.BELNR AS number
FROM items d
LEFT JOIN (SELECT BUKRS, BELNR, GJAHR, BUZEI, net_due FROM items WHERE SHKZG = 'S') inv
    ON inv.BUKRS = d.BUKRS
    AND inv.BELNR = d.due_with
    AND inv.GJAHR = d.REBZJ
    AND inv.BUZEI = d.REBZZ
