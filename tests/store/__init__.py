"""The store on both databases, with real files, servers and processes."""
