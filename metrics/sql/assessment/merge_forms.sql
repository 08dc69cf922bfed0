-- One row per pair of forms of a county that ask for much the same: fields each, fields shared.
-- $share: the least share of the smaller form's fields that both must have, 0-1.
WITH fields AS (
    SELECT form_id, any_value(issuer) AS issuer, county_code, count(*) AS n,
           max(form_name) AS name
    FROM form_fields
    WHERE $county IS NULL OR county_code = $county
    GROUP BY form_id, county_code
),
pairs AS (
    SELECT a.form_id AS first_form, b.form_id AS second_form, a.county_code, count(*) AS shared
    FROM form_fields AS a
    JOIN form_fields AS b
        ON b.field_std_code = a.field_std_code AND b.county_code = a.county_code
       AND b.form_id > a.form_id
    GROUP BY a.form_id, b.form_id, a.county_code
)
SELECT p.first_form, f.name AS first_name, f.issuer AS first_issuer, f.n AS first_fields,
       p.second_form, s.name AS second_name, s.issuer AS second_issuer, s.n AS second_fields,
       p.shared,
       100.0 * p.shared / least(f.n, s.n) AS overlap
FROM pairs AS p
JOIN fields AS f ON f.form_id = p.first_form AND f.county_code = p.county_code
JOIN fields AS s ON s.form_id = p.second_form AND s.county_code = p.county_code
WHERE p.shared >= $share * least(f.n, s.n)
ORDER BY overlap DESC, p.shared DESC, p.first_form, p.second_form
