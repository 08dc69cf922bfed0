-- One row per field of a form in force in the county; the templates of this system are left out.
SELECT form_id, issuer, field_std_code,
    coalesce(max(form_name) OVER (PARTITION BY form_id), '') AS form_name
FROM form_fields
WHERE ($county IS NULL OR county_code = $county) AND NOT starts_with(form_id, $own)
ORDER BY form_id, field_std_code
