"""Words of the audit trail, for the pages that show it."""

from django import template

from povertyaid.audit import deeds

register = template.Library()


@register.filter
def deed(code):
    """`revealed` → 查看个人信息."""
    return deeds.deed_word(code)


@register.filter
def facts(entry):
    """The facts of an entry: (name, old or None, new) each."""
    return deeds.describe(entry)
