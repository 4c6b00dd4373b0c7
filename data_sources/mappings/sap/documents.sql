-- One row a customer line item, open (BSID) or cleared (BSAD): an invoice in instalments is a line for each due date.
-- SAP's names are in capitals because SQL Server minds them. "> ' '" asks whether a text field has anything in it: SAP
-- stores an empty one as no character or as one space, by database, and Oracle takes no character for null.
WITH
posted AS (
    -- Cleared items first: where a copy of the tables has an item in both, the cleared one is the later state.
    SELECT
        MANDT, BUKRS, GJAHR, BELNR, BUZEI, KUNNR, BLART, BSTAT, UMSKZ, SHKZG, BUDAT, BLDAT, ZFBDT, ZBD1T, ZBD2T, ZBD3T,
        REBZG, REBZJ, REBZZ, WRBTR, WAERS, DMBTR, MANSP
    FROM {{schema}}BSAD
    UNION ALL
    SELECT
        MANDT, BUKRS, GJAHR, BELNR, BUZEI, KUNNR, BLART, BSTAT, UMSKZ, SHKZG, BUDAT, BLDAT, ZFBDT, ZBD1T, ZBD2T, ZBD3T,
        REBZG, REBZJ, REBZZ, WRBTR, WAERS, DMBTR, MANSP
    FROM {{schema}}BSID
),

-- Amounts are stored with two decimals whatever the currency: 1,000 JPY stands there as 10.00. TCURX names the
-- currencies that have more or fewer.
shifts AS (
    SELECT
        CURRKEY,
        CASE CURRDEC WHEN 0 THEN 100 WHEN 1 THEN 10 WHEN 3 THEN 0.1 WHEN 4 THEN 0.01 WHEN 5 THEN 0.001 ELSE 1 END
            AS factor
    FROM {{schema}}TCURX
),

items AS (
    SELECT
        p.*,
        t.WAERS AS base_currency,
        -- Amounts have no sign: S is debit, H is credit.
        CASE WHEN p.SHKZG = 'H' THEN -p.WRBTR ELSE p.WRBTR END * COALESCE(dx.factor, 1) AS amount,
        CASE WHEN p.SHKZG = 'H' THEN -p.DMBTR ELSE p.DMBTR END * COALESCE(bx.factor, 1) AS amount_base,
        CASE WHEN p.ZFBDT > '00000000' THEN p.ZFBDT ELSE p.BLDAT END AS base_day,
        -- The net due date is not stored. A credit without a reference is due on its baseline date whatever its terms;
        -- V in place of a reference says that its terms hold.
        CASE
            WHEN p.SHKZG = 'H' AND COALESCE(p.REBZG, ' ') <= ' ' THEN 0
            WHEN p.ZBD3T > 0 THEN p.ZBD3T
            WHEN p.ZBD2T > 0 THEN p.ZBD2T
            ELSE COALESCE(p.ZBD1T, 0)
        END AS net_days,
        -- A credit with a reference is due when its invoice is. A debit with one is what is left of an invoice.
        CASE WHEN p.SHKZG = 'H' OR '{{residual_items}}' = 'invoice' THEN p.REBZG END AS due_with
    FROM posted p
    LEFT JOIN {{schema}}T001 t ON t.MANDT = p.MANDT AND t.BUKRS = p.BUKRS
    LEFT JOIN shifts dx ON dx.CURRKEY = p.WAERS
    LEFT JOIN shifts bx ON bx.CURRKEY = t.WAERS
    WHERE
        p.MANDT = '{{client}}'
        AND ('*' IN ({{company_codes}}) OR p.BUKRS IN ({{company_codes}}))
        -- Noted items, parked, recurring and sample documents are no postings.
        AND COALESCE(p.BSTAT, ' ') NOT IN ('S', 'V', 'W', 'Z', 'D', 'M')
        AND COALESCE(p.UMSKZ, ' ') NOT IN ({{noted_items}})
        AND ('{{special_gl}}' = 'keep' OR COALESCE(p.UMSKZ, ' ') <= ' ')
),

dated AS (
    SELECT
        i.*,
        {{net_due}} AS net_due
    FROM items i
)

SELECT
    '{{client}}-' {{join}} d.BUKRS {{join}} '-' {{join}} d.GJAHR
    {{join}} '-' {{join}} d.BELNR {{join}} '-' {{join}} d.BUZEI AS document_id,
    d.KUNNR AS customer_id,
    d.BUKRS AS entity,
    -- A reversal has the type of what it reverses, and the other sign.
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
        WHEN d.MANSP > ' ' AND ('*' IN ({{dispute_blocks}}) OR d.MANSP IN ({{dispute_blocks}})) THEN 1
        ELSE 0
    END AS disputed,
    CASE
        WHEN d.MANSP > ' ' AND ('*' IN ({{dispute_blocks}}) OR d.MANSP IN ({{dispute_blocks}}))
            THEN 'Dunning block ' {{join}} d.MANSP
    END AS dispute_reason,
    d.BELNR AS "number"
FROM dated d
LEFT JOIN dated inv
    ON inv.BUKRS = d.BUKRS
    AND inv.BELNR = d.due_with
    AND inv.GJAHR = d.REBZJ
    AND inv.BUZEI = d.REBZZ
    -- A reference leads to a debit; anything else is a slip, and the item's own dates hold.
    AND inv.SHKZG = 'S'
