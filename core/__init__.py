"""Our words: the values, settings, errors, addresses and the clock that every other room speaks in."""
