"""The tables as the present code sees them, one noun a file; how a database gets there is told by the migrations."""

from parley.store.tables.configurations import applications, configs, configurations
from parley.store.tables.jobs import jobs
from parley.store.tables.keys import keys
from parley.store.tables.metadata import metadata
from parley.store.tables.requests import requests
from parley.store.tables.revisions import revisions

__all__ = ["applications", "configs", "configurations", "jobs", "keys", "metadata", "requests", "revisions"]
