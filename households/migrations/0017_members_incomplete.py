from django.db import migrations, models


class Migration(migrations.Migration):
    """The few members who lack something, for the list of files with something missing."""

    dependencies = [
        ('households', '0016_incomes_in_order'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='member',
            index=models.Index(condition=models.Q(('left_on', None), models.Q(('id_digest', ''), ('birth_date', None), _connector='OR')), fields=['household'], name='member_incomplete'),
        ),
    ]
