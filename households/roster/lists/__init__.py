"""Lists whose rows are no families: helpers today, payments and repayments when their rooms come.

A room declares a `kinds.Kind` and registers it at start-up; bringing a file, saying what its columns
mean, the preview, the refused rows as a workbook and the receipt are the same for all. Unlike a
roster (`households/roster/`) a list is small enough to be read while one waits.
"""
