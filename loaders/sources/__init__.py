"""One module a source, or a family of sources with one shape: bytes in, upstream rows out."""
