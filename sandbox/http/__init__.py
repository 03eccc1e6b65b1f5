"""What every stand-in is made of: a server, faults on demand, controls under `/_/`, a log."""
