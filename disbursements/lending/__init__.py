"""How a loan is paid back: pure functions, exact to the 分, knowing nothing of the database.

`schedule` says what falls due when, `account` what has been paid of it and what is overdue.
"""
