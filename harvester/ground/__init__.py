"""What every program needs: HTTP, files, clock, errors."""
