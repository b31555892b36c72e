"""What a paper is: records, identifiers, statuses, names, text."""
