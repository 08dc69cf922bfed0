"""What is handed out to be filled in: templates, questionnaires, on paper and as files."""
