-- One row per township and PSU of the newest residents' survey of the year that asks $question:
-- respondents who said yes or no, and their sums in percent. A respondent without a village is a
-- PSU of their own.
WITH newest AS (
    SELECT m.survey_id
    FROM survey_meta AS m
    JOIN survey_questions AS q USING (survey_id)
    WHERE q.question_id = $question AND q.answer_type = 'yesno' AND m.audience = 'resident'
      AND year(m.start_on) = $year
    ORDER BY m.start_on DESC, m.survey_id DESC
    LIMIT 1
)
SELECT r.survey_id, r.township_code,
       coalesce(r.community_code, 'respondent:' || r.respondent_id) AS psu,
       count(*) AS n, sum(w) AS sw, sum(w * y) AS swy, sum(w * y * y) AS swyy
FROM (
    SELECT r.*, coalesce(r.weight, 1.0) AS w, 100.0 * a.value AS y
    FROM survey_answers AS a
    JOIN newest USING (survey_id)
    JOIN survey_respondents AS r USING (survey_id, respondent_id)
    ANTI JOIN (SELECT * FROM survey_set_aside WHERE set_aside) USING (survey_id, respondent_id)
    WHERE a.question_id = $question AND a.value IN (0, 1)
) AS r
GROUP BY ALL
ORDER BY r.township_code, psu
