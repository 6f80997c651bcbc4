"""A naive reference reading of the response criteria, one course at a time, against which the engine is compared.

Plain integers, dates and loops; no frames. One course = the measurements of one subject by one evaluator.
"""
