"""Who could help whom: a proposal worked out without the database, as plain values in and out."""
