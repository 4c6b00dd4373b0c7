-- Odoo's own residual of each item, in the item's currency: what is open now, whatever the date.
SELECT
    l.id AS document_id,
    COALESCE(l.partner_id, 0) AS customer_id,
    cur.name AS currency,
    l.amount_residual_currency AS amount
FROM account_move_line AS l
INNER JOIN account_account AS a ON a.id = l.account_id
INNER JOIN res_currency AS cur ON cur.id = l.currency_id
WHERE
    a.account_type = 'asset_receivable'
    AND (a.non_trade IS NOT TRUE OR '{{non_trade}}' = 'included')
    AND l.parent_state = 'posted'
    AND l.company_id IN ({{companies}})
    AND CAST(l.amount_residual_currency AS NUMERIC) <> 0
