"""Reading a roster, without a database: bytes → sheets → tables → households → plan → receipt."""
