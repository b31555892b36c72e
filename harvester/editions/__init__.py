"""A digest's editions: made, written, delivered."""
