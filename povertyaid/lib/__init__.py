"""Values: no tables, no requests, fully typed. Every room may look down here."""
