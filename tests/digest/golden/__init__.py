"""Golden editions, and the invented studies that they hold."""
