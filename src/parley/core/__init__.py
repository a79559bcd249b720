"""The words that every part of the house shares: calls, replies, events, records, errors; imports nothing of ours."""
