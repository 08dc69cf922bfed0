-- One row per questionnaire of one survey and mark; a questionnaire may have several marks.
-- Marks only the file itself could give stand in survey_marks; the others are worked out here.
WITH given AS (
    SELECT a.respondent_id, count(a.value) AS answered,
           count(a.value) FILTER (q.answer_type = 'sat5') AS scored,
           min(a.value) FILTER (q.answer_type = 'sat5') AS lowest,
           max(a.value) FILTER (q.answer_type = 'sat5') AS highest,
           count(a.value) FILTER (q.answer_type = 'sat5' AND q.index_code = 'S1') AS overall,
           min(a.value) FILTER (q.answer_type = 'sat5' AND q.index_code = 'S1') AS overall_lowest,
           -- The order of answers does not matter to this. Of one text each: the hash of several
           -- values is a sum of theirs, so that swapped answers would be alike.
           bit_xor(hash(concat(a.question_id, '=', a.value))) AS content
    FROM survey_answers AS a
    JOIN survey_questions AS q USING (survey_id, question_id)
    WHERE a.survey_id = $survey_id
    GROUP BY a.respondent_id
),
people AS (
    SELECT r.respondent_id, r.township_code, r.community_code, r.interviewer_id, r.started_at,
           g.answered, g.scored, g.lowest, g.highest, g.overall, g.overall_lowest,
           epoch(r.ended_at) - epoch(r.started_at) AS seconds,
           median(epoch(r.ended_at) - epoch(r.started_at)) OVER () AS usual,
           count(*) OVER (PARTITION BY g.content) AS copies,
           row_number() OVER (PARTITION BY g.content ORDER BY r.respondent_id) AS copy,
           max(r.ended_at) OVER (
               PARTITION BY r.interviewer_id ORDER BY r.started_at, r.respondent_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ) AS ended_before,
           count(r.started_at) OVER (
               PARTITION BY r.interviewer_id, date_trunc('hour', r.started_at)
           ) AS within_hour
    FROM survey_respondents AS r
    LEFT JOIN given AS g USING (respondent_id)
    WHERE r.survey_id = $survey_id
),
villages AS (
    SELECT community_code, count(*) FILTER (overall > 0) AS n
    FROM people
    WHERE community_code IS NOT NULL
    GROUP BY community_code
    HAVING min(overall_lowest) = 5 AND count(*) FILTER (overall > 0) >= $base
),
marked AS (
    SELECT respondent_id, 'speeder' AS flag, seconds / usual AS value
    FROM people WHERE usual > 0 AND seconds / usual < $fast_share
    UNION ALL
    SELECT respondent_id, 'straight_line', scored
    FROM people WHERE scored >= $fewest_scored AND lowest = highest
    UNION ALL
    SELECT respondent_id, 'duplicate_answers', copies
    FROM people WHERE copy > 1 AND answered >= $fewest_alike
    UNION ALL
    SELECT respondent_id, 'interviewer_overlap', epoch(ended_before) - epoch(started_at)
    FROM people WHERE interviewer_id IS NOT NULL AND started_at < ended_before
    UNION ALL
    SELECT respondent_id, 'hour_cluster', within_hour
    FROM people
    WHERE interviewer_id IS NOT NULL AND started_at IS NOT NULL AND within_hour >= $most_per_hour
    UNION ALL
    SELECT respondent_id, 'uniform_village', v.n
    FROM people JOIN villages AS v USING (community_code)
    UNION ALL
    SELECT m.respondent_id, m.flag, m.value FROM survey_marks AS m WHERE m.survey_id = $survey_id
)
SELECT m.respondent_id, m.flag, any_value(m.value)::DOUBLE AS value, p.township_code,
       coalesce(any_value(a.set_aside), false) AS set_aside
FROM marked AS m
JOIN people AS p USING (respondent_id)
LEFT JOIN survey_set_aside AS a ON a.survey_id = $survey_id AND a.respondent_id = m.respondent_id
GROUP BY m.respondent_id, m.flag, p.township_code
ORDER BY m.respondent_id, m.flag
