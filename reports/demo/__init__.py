"""Demonstration offices: invented people, built through the same models a user fills.

Units, staff, lists, lines and targets are data (`fixtures/demo/*.json`); what a village,
a family and a year of help look like is code. Everything is drawn from fixed seeds, so two
machines show the same families.
"""
