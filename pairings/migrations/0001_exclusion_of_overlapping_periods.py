from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Periods of one pair exclude one another by key and range; comparing keys there takes this."""

    initial = True

    dependencies = []

    operations = [BtreeGistExtension()]
