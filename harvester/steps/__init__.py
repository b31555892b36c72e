"""The steps of a run, one file each; `harvester.pipeline` calls them in order.

A step asks the library what is to do, does it, and writes the result in one transaction (or one for each thing
that must not be lost with the next: each portion of a search, each feed, each edition, each delivery).  Each
transaction is given its line of the journal, and `rebuild` knows how to make it again from that line.

::

    pubmed, feeds, retraction_watch   ask a source, keep what it gave     harvest: what they have in common
    integrate, studies                records ─► studies and their history
    refresh                           what older rules made, in step with this program
    decide                            what a user says of duplicates
    edition, changes, reports         this week's issue: new, changed, how the sources were asked
    archive, deliver                  the page of all issues; the mail
    rebuild                           all of it again, from the journal
"""
