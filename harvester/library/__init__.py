"""The library: one SQLite file, the source of truth from which the table and every edition are made.

A step of a run is one transaction; a run that dies between two of them is continued by the next one, because
each step asks the library what is still to do (records pending, editions not made, deliveries due).
"""

from harvester.library.correction_store import Correction
from harvester.library.difference import compare_libraries
from harvester.library.edition_store import Delivery, Mark, StoredEdition
from harvester.library.ledger import (
    DeliveriesPlanned,
    DeliveryNoted,
    EditionFound,
    EditionMade,
    EditionWithdrawn,
    Entry,
    HarvestNoted,
    ImportsNamed,
    KeysMade,
    Ledger,
    OpinionsSaved,
    RecordsSaved,
    StudiesFound,
    StudiesIntegrated,
    StudiesMerged,
    StudyCorrected,
    StudySplit,
    TagsRead,
)
from harvester.library.library import Library, copy_library, is_of_storage, lock_folder, read_position, settle
from harvester.library.notice_store import Opinion, Target, cite_notice
from harvester.library.record_store import StoredRecord
from harvester.library.replacing import FILE_NAME, finish_replacing, is_replacing, replace_library, start_draft
from harvester.library.schema import LIBRARY_VERSION
from harvester.library.source_store import PutAside, SourceState
from harvester.library.study_store import Event, Merge

__all__ = [
    "FILE_NAME",
    "LIBRARY_VERSION",
    "Correction",
    "DeliveriesPlanned",
    "Delivery",
    "DeliveryNoted",
    "EditionFound",
    "EditionMade",
    "EditionWithdrawn",
    "Entry",
    "Event",
    "HarvestNoted",
    "ImportsNamed",
    "KeysMade",
    "Ledger",
    "Library",
    "Mark",
    "Merge",
    "Opinion",
    "OpinionsSaved",
    "PutAside",
    "RecordsSaved",
    "SourceState",
    "StoredEdition",
    "StoredRecord",
    "StudiesFound",
    "StudiesIntegrated",
    "StudiesMerged",
    "StudyCorrected",
    "StudySplit",
    "TagsRead",
    "Target",
    "cite_notice",
    "compare_libraries",
    "copy_library",
    "finish_replacing",
    "is_of_storage",
    "is_replacing",
    "lock_folder",
    "read_position",
    "replace_library",
    "settle",
    "start_draft",
]
