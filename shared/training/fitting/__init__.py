"""Candidates and their trials, fitted."""
