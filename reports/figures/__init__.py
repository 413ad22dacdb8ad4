"""Figures that keep their rows: an indicator is a scoped queryset plus one aggregate."""
