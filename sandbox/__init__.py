"""Local stand-ins for the outside world, for development and tests: never in production."""
