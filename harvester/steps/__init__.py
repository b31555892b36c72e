"""The steps of a run, one file each; `harvester.pipeline` calls them in order.

A step asks the library what is to do, does it, and writes the result in one transaction (or one for each thing
that must not be lost with the next: each search, each feed, each edition, each delivery).
"""
