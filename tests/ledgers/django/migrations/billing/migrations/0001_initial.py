from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("shop", "0001_initial")]

    operations = [
        migrations.CreateModel(name="Bill", fields=[("id", models.BigAutoField(primary_key=True, serialize=False))]),
    ]
