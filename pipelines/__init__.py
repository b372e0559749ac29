"""Decides: what a page is, what is the article on it, whether the corpus holds it, and who wants to know."""
