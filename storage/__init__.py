"""KEEPS: the corpus, and the only SQL in the house. Ask it through storage.store.Store."""
