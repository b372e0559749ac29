"""The operator's alarms: what is wrong with sources and machine, told once when it begins and once when it is over.

symptoms    what looks wrong now, of each subject that was looked at
deciding    troubles as they stood and symptoms now → troubles as they stand, and what is to be reported; pure
attendance  since when the daemon has been at work
watching    the job: looks, decides, and writes troubles, reports and messages owed in one transaction
job_notes   which jobs of the daemon fail or come too late, kept in the corpus
vitals      whether the daemon does its work, and an alarm beside the outbox where the corpus can take none
"""
