"""How the pages of units, programmes and the trail write what they show."""

from django import template

from povertyaid.audit import deeds

register = template.Library()


@register.filter
def deed(code):
    """`revealed` → 查看个人信息."""
    return deeds.deed_word(code)


@register.filter
def trim_zeros(amount):
    """`30`, `12.5`, `300,000`: a decimal without the zeros its column carries."""
    return f"{amount.normalize():,f}"


@register.filter
def facts(entry):
    """The facts of an entry: (name, old or None, new) each."""
    return deeds.describe(entry)
