"""Inspection sampling: roll, frame, design, draw, visits, forms, findings, estimates, report."""
