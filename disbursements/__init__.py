"""What was given or lent: funds, the ledger, loans, projects, jobs. May import pairings and below."""
