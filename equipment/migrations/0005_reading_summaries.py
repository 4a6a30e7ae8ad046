"""What every tag did in every ten minutes: plain tables, written and read by SQL only."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
UNDO = "DROP TABLE equipment_readingsummary; DROP TABLE equipment_summedup;"


class Migration(migrations.Migration):
    dependencies = [("equipment", "0004_files")]
    operations = [migrations.RunSQL((SQL / "summaries.sql").read_text(), UNDO)]
