"""Words a clerk may choose: the office's lists, what the programme adds, and what is stored already.

A roster may have written a word that no list knows; a form that did not offer it would take
it away with the next save.
"""

from django import forms

from povertyaid.programmes.models import SchemeItem

NOTHING = ("", "—")


def offer(words, *stored):
    """Choices of plain words, with stored ones that the list does not have at the end."""
    extra = [word for word in stored if word and word not in words]
    return [NOTHING, *((word, word) for word in [*words, *extra])]


def coded(words, items=(), stored=()):
    """Choices of {code: word}, then a programme's own items, then stored words of neither."""
    known = {**words, **{label: label for label in items if label not in words.values()}}
    extra = {code: code for code in stored if code and code not in known}
    return list({**known, **extra}.items())


def items_of(programmes):
    """{list name: labels} that programmes add to the office's words, each once, in order."""
    lists = {SchemeItem.CATEGORIES: [], SchemeItem.CAUSES: [], SchemeItem.NEEDS: []}
    found = SchemeItem.objects.filter(programme__in=programmes, list_name__in=lists)
    for list_name, label in found.order_by("seq", "pk").values_list("list_name", "label"):
        if label not in lists[list_name]:
            lists[list_name].append(label)
    return lists


class SuggestingInput(forms.TextInput):
    """A text box that suggests words and takes any other; plain HTML, no script."""

    template_name = "web/_suggesting_input.html"

    def __init__(self, words, attrs=None):
        self.words = words
        super().__init__(attrs)

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        list_id = f"{context['widget']['attrs'].get('id', name)}_words"
        context["widget"]["attrs"]["list"] = list_id
        context["widget"] |= {"words": self.words, "list_id": list_id}
        return context


class NoteField(forms.CharField):
    """Lines as they were typed. Browsers end them their own way, which is no change of the text."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")
