"""What happened within and around requests, as trees of spans: built from records, taken in and given out by OTLP."""
