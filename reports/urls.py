"""Papers, and the rows behind each of their figures."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.paper_list, name="list"),
    path("rows/", views.figure_rows, name="rows"),
    path("<slug:code>/", views.paper_page, name="paper"),
    path("<slug:code>/<slug:file_format>/", views.paper_file, name="paper-file"),
]
