"""What all tables have in common."""

from sqlalchemy import Float, MetaData

metadata = MetaData()

REAL = Float(53)
"""Times in epoch seconds, durations in milliseconds, money in US dollars."""
