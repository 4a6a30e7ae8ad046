"""`make demo`: one patient of recipe A from order to infusion, through the public REST API and nothing else."""
