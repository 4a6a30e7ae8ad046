"""Baton on three hosts: web, workers, database. Each is a network namespace of this machine."""
