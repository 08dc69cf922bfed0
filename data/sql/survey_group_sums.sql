-- One row per item, group of people and PSU of one survey; an item is a question or an index (S1…).
-- Who did not say is in the group '' of a dimension: its groups add up to all respondents.
WITH counted AS (
    SELECT r.*, coalesce(r.community_code, 'respondent:' || r.respondent_id) AS psu,
           coalesce(r.weight, 1.0) AS w
    FROM survey_respondents AS r
    ANTI JOIN (SELECT * FROM survey_set_aside WHERE set_aside) USING (survey_id, respondent_id)
    WHERE r.survey_id = $survey_id
),
answers AS (
    SELECT a.respondent_id, sat100(a.value) AS y,
           unnest(list_filter([q.question_id, q.index_code], lambda i: i IS NOT NULL)) AS item
    FROM survey_answers AS a
    JOIN survey_questions AS q USING (survey_id, question_id)
    WHERE a.survey_id = $survey_id AND q.answer_type = 'sat5' AND a.value IS NOT NULL
),
-- First by person: an index pools several answers of one respondent.
persons AS (
    SELECT item, respondent_id, count(*) AS answers, sum(y) AS y, sum(y * y) AS yy
    FROM answers
    GROUP BY item, respondent_id
),
grouped AS (
    SELECT p.item, c.township_code, c.psu, p.answers * c.w AS w, c.w * p.y AS wy, c.w * p.yy AS wyy,
           unnest([
               {'dimension': 'age_band', 'level': c.age_band},
               {'dimension': 'sex', 'level': c.sex},
               {'dimension': 'residence_type', 'level': c.residence_type},
               {'dimension': 'has_disability', 'level': c.has_disability::VARCHAR}
           ], recursive := true)
    FROM persons AS p
    JOIN counted AS c USING (respondent_id)
)
SELECT $survey_id AS survey_id, item, dimension, coalesce(level, '') AS level, township_code, psu,
       count(*) AS n, sum(w) AS sw, sum(wy) AS swy, sum(wyy) AS swyy
FROM grouped
GROUP BY ALL
ORDER BY item, dimension, level, township_code, psu
