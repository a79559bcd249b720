"""How a database gets to the present tables: one file per step, forward only, run by Alembic at start.

A change that takes something away is two releases: expand (add the new, write both), deploy, contract (drop the old).
"""
