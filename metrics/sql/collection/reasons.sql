-- One row per field that a template of this system asks again: why, as somebody gave it.
SELECT form_id, field_std_code, other_form, reason FROM collection_reasons
