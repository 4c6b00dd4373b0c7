-- US dollars for one unit. The ERP quotes small units by the hundred.
SELECT curr_cd AS currency, fx_date AS date, CAST(usd AS REAL) / per AS rate
FROM fx
