"""Start every process a sixth of a second sooner.

For each trigger it takes, django-pgtrigger works out the names of all it has, to see that none is there twice. For the
hundreds that guard our tables these are 60,000 digests. Here every name is worked out once.
"""
