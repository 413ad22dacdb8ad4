"""Who helps whom: helpers, dated pairings, visits. May import households and everything below."""
