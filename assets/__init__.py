"""Dagster only: assets, checks, jobs, schedules, sensors, partitions and the resource that opens a study.

Asset bodies read frames, call one pure function, put the result and report metadata; derivations live below.
"""
