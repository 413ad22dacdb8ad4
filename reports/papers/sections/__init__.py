"""Sections A to N of the catalogue of papers: each is a function of a cut."""
