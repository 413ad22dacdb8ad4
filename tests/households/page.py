"""Reads a form off a page as a browser would send it back."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.select, self.area, self.inside = [], None, None, 0

    @property
    def data(self):
        return self.forms[-1]["data"]

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.forms.append({"method": attrs.get("method", "get"), "data": {}})
        if tag == "template":
            self.inside += 1
        if not self.forms or self.inside:
            return
        name, value = attrs.get("name"), attrs.get("value", "")
        if tag == "input" and name:
            if attrs.get("type") in {"checkbox", "radio"}:
                if "checked" in attrs:
                    self.data.setdefault(name, []).append(attrs.get("value", "on"))
            else:
                self.data.setdefault(name, []).append(value)
        elif tag == "select":
            self.select, self.first = name, None
        elif tag == "option" and self.select:
            self.first = value if self.first is None else self.first
            if "selected" in attrs:
                self.data.setdefault(self.select, []).append(value)
        elif tag == "textarea":
            self.area = name
            self.data[name] = [""]

    def handle_endtag(self, tag):
        if tag == "template":
            self.inside -= 1
        elif tag == "select":
            if self.select and not self.inside and self.select not in self.data:
                self.data[self.select] = [self.first or ""]
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, text):
        if self.area:
            self.data[self.area][0] = (self.data[self.area][0] + text).lstrip("\n")


def fields_of(response, having="csrfmiddlewaretoken"):
    """What the page's own form would send: {name: value, or list of values}."""
    reader = _Fields()
    reader.feed(response.content.decode())
    posts = [f["data"] for f in reader.forms if f["method"] == "post" and "_submit" in f["data"]]
    assert len(posts) == 1, "the page has one form that saves"
    return {k: v[0] if len(v) == 1 else v for k, v in posts[0].items() if k != having}


def add_member(data, **values):
    """A row more, as the button adds it."""
    n = int(data["members-TOTAL_FORMS"])
    data["members-TOTAL_FORMS"] = str(n + 1)
    data.update({f"members-{n}-{name}": value for name, value in values.items()})
    return n


def warnings_on(response):
    """Codes of the doubts that the page asks to confirm."""
    form = response.context["form"]
    parts = form.warned() if hasattr(form, "warned") else [form]
    return sorted(warning.code for part in parts for warning in part.warnings)


def confirm(data, response, reason="已与户口簿核对"):
    """Tick every doubt on the page and say why."""
    form = response.context["form"]
    parts = form.warned() if hasattr(form, "warned") else [form]
    for part in parts:
        for warning in part.warnings:
            data[warning.tick_name] = warning.tick_value
            data[warning.reason_name] = reason
    return data


def errors_on(response):
    """{(part or row, field): [code]} of what must be put right."""
    form = response.context["form"]
    parts = {"form": form}
    if hasattr(form, "members"):
        parts = {"household": form.household, "enrolment": form.enrolment}
        parts |= {"income": form.income} if form.income else {}
        parts |= dict(enumerate(form.members.forms))
    return {
        (part, field): [error.code for error in errors.as_data()]
        for part, one in parts.items()
        for field, errors in one.errors.items()
    }
