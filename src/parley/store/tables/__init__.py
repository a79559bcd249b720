"""The tables as the present code sees them, one noun a file; how a database gets there is told by the migrations."""

from parley.store.tables.accounts import accounts, holds, spending
from parley.store.tables.cache import cached_answers
from parley.store.tables.configurations import applications, configs, configurations
from parley.store.tables.documents import document_chunks, document_vectors, documents, shelves
from parley.store.tables.evaluations import evaluations, feedback, verdicts, webhooks
from parley.store.tables.jobs import jobs
from parley.store.tables.keys import keys
from parley.store.tables.memory import memories, session_leases, session_summaries, turns
from parley.store.tables.metadata import metadata
from parley.store.tables.prompts import prompts
from parley.store.tables.receipts import receipts
from parley.store.tables.requests import requests
from parley.store.tables.revisions import revisions
from parley.store.tables.spans import spans, trace_marks

__all__ = [
    "accounts",
    "applications",
    "cached_answers",
    "configs",
    "configurations",
    "document_chunks",
    "document_vectors",
    "documents",
    "evaluations",
    "feedback",
    "holds",
    "jobs",
    "keys",
    "memories",
    "metadata",
    "prompts",
    "receipts",
    "requests",
    "revisions",
    "session_leases",
    "session_summaries",
    "shelves",
    "spans",
    "spending",
    "trace_marks",
    "turns",
    "verdicts",
    "webhooks",
]
