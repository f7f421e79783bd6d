"""Inputs as people send them, and what must come of each: tables of cases, written as data, made at test time."""
