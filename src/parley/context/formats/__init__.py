"""One file per format of documents: from its bytes to blocks of text under their headings."""
