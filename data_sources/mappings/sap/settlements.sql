-- Clearing in SAP is all or nothing: an item is open until its clearing date (AUGDT), and then it is closed whole. Its
-- id ends with the clearing document (AUGBL). The date is SAP's own for each item, and not moved to the latest posting
-- date of the others: so does every report of SAP that looks at a past key date.
WITH
posted AS (
    SELECT
        MANDT, BUKRS, GJAHR, BELNR, BUZEI, KUNNR, BLART, BSTAT, UMSKZ, SHKZG, BUDAT, AUGDT, AUGBL, REBZG, REBZJ, REBZZ,
        WRBTR, WAERS, DMBTR
    FROM {{schema}}BSAD
    UNION ALL
    SELECT
        MANDT, BUKRS, GJAHR, BELNR, BUZEI, KUNNR, BLART, BSTAT, UMSKZ, SHKZG, BUDAT, AUGDT, AUGBL, REBZG, REBZJ, REBZZ,
        WRBTR, WAERS, DMBTR
    FROM {{schema}}BSID
),

-- As in documents.
shifts AS (
    SELECT
        CURRKEY,
        CASE CURRDEC WHEN 0 THEN 100 WHEN 1 THEN 10 WHEN 3 THEN 0.1 WHEN 4 THEN 0.01 WHEN 5 THEN 0.001 ELSE 1 END
            AS factor
    FROM {{schema}}TCURX
),

-- What a clearing was made of, by the types of all items in it, special G/L and other accounts' items too. That says
-- more than the type of the clearing document: AB clears payments, credit memos and write-offs alike.
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
    FROM posted
    WHERE
        MANDT = '{{client}}'
        -- An item that is open has '00000000', or nothing.
        AND AUGDT > '00000000'
    GROUP BY
        BUKRS,
        AUGBL,
        AUGDT
),

items AS (
    SELECT
        '{{client}}-' {{join}} p.BUKRS {{join}} '-' {{join}} p.GJAHR
        {{join}} '-' {{join}} p.BELNR {{join}} '-' {{join}} p.BUZEI AS id,
        p.BUKRS,
        p.GJAHR,
        p.BELNR,
        p.BUZEI,
        p.KUNNR,
        p.BLART,
        p.SHKZG,
        p.WAERS,
        p.BUDAT,
        CASE WHEN p.AUGDT > '00000000' THEN p.AUGDT ELSE '00000000' END AS AUGDT,
        COALESCE(p.AUGBL, ' ') AS AUGBL,
        p.REBZG,
        p.REBZJ,
        p.REBZZ,
        CASE WHEN p.SHKZG = 'H' THEN -p.WRBTR ELSE p.WRBTR END * COALESCE(dx.factor, 1) AS amount,
        CASE WHEN p.SHKZG = 'H' THEN -p.DMBTR ELSE p.DMBTR END * COALESCE(bx.factor, 1) AS amount_base
    FROM posted p
    LEFT JOIN {{schema}}T001 t ON t.MANDT = p.MANDT AND t.BUKRS = p.BUKRS
    LEFT JOIN shifts dx ON dx.CURRKEY = p.WAERS
    LEFT JOIN shifts bx ON bx.CURRKEY = t.WAERS
    WHERE
        p.MANDT = '{{client}}'
        AND ('*' IN ({{company_codes}}) OR p.BUKRS IN ({{company_codes}}))
        AND COALESCE(p.BSTAT, ' ') NOT IN ('S', 'V', 'W', 'Z', 'D', 'M')
        AND COALESCE(p.UMSKZ, ' ') NOT IN ({{noted_items}})
        AND ('{{special_gl}}' = 'keep' OR COALESCE(p.UMSKZ, ' ') <= ' ')
),

-- Partial payments and credit memos that name their invoice, where they are to be netted: from the later posting date
-- of the two until both are cleared. Only where they share their fate, both open or cleared together: what was cleared
-- with something else in the end belongs to that.
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
    WHERE
        '{{partial_payments}}' = 'net'
        AND p.SHKZG = 'H'
        AND inv.SHKZG = 'S'
        AND inv.KUNNR = p.KUNNR
        AND inv.WAERS = p.WAERS
        AND inv.AUGDT = p.AUGDT
        AND inv.AUGBL = p.AUGBL
        AND (inv.AUGDT = '00000000' OR (p.BUDAT < inv.AUGDT AND inv.BUDAT < inv.AUGDT))
),

-- Not where more is named than the invoice has: nobody said what it is for.
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
    t.part {{join}} '>invoice' AS settlement_id,
    t.part AS document_id,
    t.netted_on AS settled_on,
    t.amount AS amount,
    t.amount_base AS amount_base,
    t.kind AS kind
FROM taken t
UNION ALL
-- On the invoice at the part's own rate: together they are worth in company-code currency what SAP says.
SELECT
    t.part {{join}} '>part',
    t.invoice,
    t.netted_on,
    -t.amount,
    -t.amount_base,
    t.kind
FROM taken t
UNION ALL
-- The clearing, of what was not netted before.
SELECT
    i.id {{join}} '>' {{join}} i.AUGBL,
    i.id,
    i.AUGDT,
    i.amount - COALESCE(n.amount, 0),
    i.amount_base - COALESCE(n.amount_base, 0),
    -- All items of a clearing have one kind, so that what was paid or credited in a month is exactly the payments and
    -- credit memos of it. Only what was posted to write off is not written off itself.
    CASE
        -- Netted in full, at other rates than its own.
        WHEN ROUND(i.amount - n.amount, 3) = 0 THEN 'fx'
        WHEN c.paid = 1 THEN 'cash'
        WHEN c.written_off = 1 AND i.BLART NOT IN ({{write_off_types}}) THEN 'write_off'
        WHEN c.written_off = 1 THEN 'other'
        WHEN c.credited = 1 THEN 'credit'
        ELSE 'other'
    END
FROM items i
INNER JOIN clearings c ON c.BUKRS = i.BUKRS AND c.AUGBL = i.AUGBL AND c.AUGDT = i.AUGDT
LEFT JOIN netted n ON n.invoice = i.id
LEFT JOIN taken t ON t.part = i.id
WHERE
    i.AUGDT > '00000000'
    AND t.part IS NULL
    AND (ROUND(i.amount - COALESCE(n.amount, 0), 3) <> 0 OR ROUND(i.amount_base - COALESCE(n.amount_base, 0), 3) <> 0)
