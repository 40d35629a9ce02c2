"""Improvement tasks: opened by incidents, worked on by people, judged by whether the KPI moved."""
