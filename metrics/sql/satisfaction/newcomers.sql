-- One row per township of a survey held: questionnaires of a file that are new, and those that count.
SELECT n.survey_id, n.township_code, n.new, p.held
FROM (
    SELECT survey_id, township_code, count(*) AS new
    FROM (
        SELECT survey_id, township_code, respondent_id
        FROM read_parquet($file)
        WHERE survey_id IN (SELECT survey_id FROM survey_psus)
    ) AS f
    ANTI JOIN survey_respondents USING (survey_id, respondent_id)
    GROUP BY ALL
) AS n
JOIN (
    SELECT survey_id, township_code, sum(n - set_aside) AS held
    FROM survey_psus
    GROUP BY ALL
) AS p USING (survey_id, township_code)
ORDER BY ALL
