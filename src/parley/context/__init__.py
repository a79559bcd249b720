"""The room of documents: what an application knows, split, indexed, and handed to a call as far as it applies."""
