"""Maitai's client at the door: chats as lines, its configuration, and what it leaves here (maitai-python 1.2.34)."""
