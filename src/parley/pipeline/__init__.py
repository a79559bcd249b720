"""The hallway: `flow.py` tells the whole path of a call, `stages/` holds one stop per file."""
