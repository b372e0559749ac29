"""Runs: the command line and the daemon, which call the rooms below and show people what came of it."""
