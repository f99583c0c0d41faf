from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("shop", "0001_initial"),
        ("billing", "0001_initial"),
    ]

    operations = [
        migrations.AddField(model_name="a", name="n", field=models.IntegerField(null=True)),
    ]
