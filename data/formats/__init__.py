"""Files as exact cells of text, whatever program wrote them; read in a process of its own."""
