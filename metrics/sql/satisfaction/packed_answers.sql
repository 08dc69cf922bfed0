-- One row per questionnaire of one survey and word of 21 questions, three bits an answer.
-- Questions with answers beyond 0 to 6 are left out; 0 is not answered.
WITH asked AS (
    SELECT question_id, row_number() OVER (ORDER BY question_id) - 1 AS place
    FROM survey_answers
    WHERE survey_id = $survey_id
    GROUP BY question_id
    HAVING min(value) >= 0 AND max(value) <= 6
)
SELECT r.respondent_id, r.township_code, coalesce(any_value(s.set_aside), false) AS set_aside,
       any_value(coalesce('i:' || r.interviewer_id, 'v:' || r.community_code)) AS block,
       q.place // $per_word AS word,
       sum((a.value + 1)::UBIGINT << (3 * (q.place % $per_word)))::UBIGINT AS packed
FROM survey_answers AS a
JOIN asked AS q USING (question_id)
JOIN survey_respondents AS r USING (survey_id, respondent_id)
LEFT JOIN survey_set_aside AS s USING (survey_id, respondent_id)
WHERE a.survey_id = $survey_id AND a.value IS NOT NULL
GROUP BY r.respondent_id, r.township_code, word
