"""Prints the whole story of one task."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from generation.management.task_story import find_tasks, story_of


class Command(BaseCommand):
    help = "Print all that is known of one task: who, when, its log, its files, what comes next."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", help="its number, its provider's id, or its marker")
        parser.add_argument("--prompt", action="store_true", help="with the whole prompt")

    def handle(self, *_: Any, **options: Any) -> None:
        tasks = find_tasks(options["id"].strip())
        if not tasks:
            raise CommandError("There is no task with this number, provider's id or marker.")
        if len(tasks) > 1:
            numbers = ", ".join(str(task.pk) for task in tasks)
            raise CommandError(f"Several tasks have this id: {numbers}. Give the number of one.")
        with translation.override("en"):
            for line in story_of(tasks[0], with_prompt=options["prompt"]):
                self.stdout.write(line)
