-- One row per respondent of one survey: the answers to up to fifteen five-point questions, four
-- bits each from the lowest on: 0 none, 1 'not scored', 8 and more: the answer, from 0 to 7.
-- To group by one text and nothing else is what takes no time: no answer is joined to anything.
SELECT respondent_id, $page AS page,
       bit_or((CASE WHEN value IS NULL THEN 1 WHEN value BETWEEN 0 AND 7 THEN 8 + value
                    ELSE error('no answer to a five-point question') END)::BIGINT
              << (4 * (list_position($questions, question_id) - 1))) AS packed
FROM survey_answers
WHERE survey_id = $survey_id AND list_contains($questions, question_id)
GROUP BY respondent_id
