"""Journal feeds: RSS and Atom."""
