"""Feeds: what can be subscribed to (channels), written as RSS and Atom, and as a podcast.

An item keeps the guid that WordPress gave it, in all of them: a reader's program that knows it is
not told of the whole archive again.
"""
