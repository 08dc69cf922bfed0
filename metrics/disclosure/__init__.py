"""Nobody's answers can be worked out: which figures stay hidden, decided in one place."""
