"""Where papers come from: each source is a folder or file of this room, listed in `registry`; `source` is the seam."""
