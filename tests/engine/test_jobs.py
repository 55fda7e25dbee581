"""Every job that can be asked for exists, and every one that exists is named."""

import inspect

from generation import jobs
from generation.engine.queue import Job


def test_the_names_of_jobs_are_the_functions_of_the_jobs_module():
    functions = inspect.getmembers(jobs, inspect.isfunction)
    assert {name for name, found in functions if found.__module__ == jobs.__name__} == set(Job)
