"""Papers: figures laid out in sections, the same for the page, the PDF, the workbook and JSON."""
