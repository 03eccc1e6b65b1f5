"""The archive of a WordPress site, read from its exports (WXR) and moved in.

`reader` reads files, `index` remembers what all of them hold, `bodies` turns texts into ours,
`wanted` says what a post should become here, `writing` compares that with the database and writes.
"""
