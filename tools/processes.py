"""How the processes of Baton are started, by `make run` as by a campaign."""

import sys

MANAGE = [sys.executable, "manage.py"]
# A worker needs no word of other workers: what is to be done is in the database.
ALONE = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
WORKER = [sys.executable, "-m", "celery", "--quiet", "--app", "mes.celery", "worker", *ALONE, "--concurrency", "2"]
