"""From records to studies: made, decided by hand, kept in step with the rules."""
