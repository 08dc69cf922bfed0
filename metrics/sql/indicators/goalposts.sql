-- One row per frozen pair of goalposts of one framework: indicator and peer group.
SELECT indicator_id, peer_group, goal_low, goal_high, baseline_year FROM goalposts
WHERE framework = $framework
ORDER BY indicator_id, peer_group
