"""The states of a list as links above it: what an office asks for daily is one press away."""


def states_of(request, filterset):
    """[{label, url, here}] of the filter `state`; the other conditions stay set."""
    field = filterset.form.fields["state"]
    chosen = filterset.data.get("state", "")
    told = []
    for code, label in field.choices:
        query = request.GET.copy()
        query.pop("page", None)
        query["state"] = code
        if not code:
            del query["state"]
        told.append({"label": label, "url": f"?{query.urlencode()}", "here": code == chosen})
    return told
