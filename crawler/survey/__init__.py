"""Looks at a site without keeping anything: what its description finds, and what a first description could be."""
