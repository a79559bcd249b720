"""The whole path of a call: a real gateway process, a scripted upstream, and what the ledger says afterwards."""
