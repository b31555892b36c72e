"""What a reader meets each week: which studies in which order, and how that looks as page, mail and text.

::

    select  studies, changes, reports ─► Edition   what goes in, in which order   (pure)
    view    Edition ─► View                        finished strings               (pure)
    render  Edition ─► files                       templates, styles, byte budget
    archive rows of the table ─► ArchiveView       the page of all editions and studies   (pure)

An `Edition` is all there is to know about an issue of the digest; it is stored as ``digest.json``, and rendering
that file again gives the same bytes.
"""

from __future__ import annotations

from harvester.digest.edition import CHANGE_KINDS, Change, Edition, load_edition
from harvester.digest.render import render
from harvester.digest.select import select
from harvester.digest.view import subject

__all__ = ["CHANGE_KINDS", "Change", "Edition", "load_edition", "render", "select", "subject"]
