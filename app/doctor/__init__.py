"""`tonle doctor`: what may be wrong with an installation, each check a small function that says what to do.

finding     what a check says, and what it is given
machine     Python and packages, disk, permissions, clock
settings    config.yaml, channels and their secrets
holdings    the corpus, the daemon, the outbox, each source's history, backups
network     names, certificates, the mail server
reach       one polite request to each source
examining   runs them; a new check is a function and a line in its CHECKS
"""
