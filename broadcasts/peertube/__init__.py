"""A PeerTube instance, through its REST API."""
