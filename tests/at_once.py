"""Work that several threads begin in the same moment."""

import threading

from django.db import close_old_connections, connection


def at_once(work, count=4):
    """Run `work` in threads of their own that begin together; returns what they raised.

    A database in memory cannot wait for a lock: there they come one after the other.
    """
    together = connection.vendor == "postgresql"
    gate, trouble = threading.Barrier(count if together else 1), []

    def run():
        close_old_connections()
        try:
            gate.wait(10)
            work()
        except Exception as error:
            trouble.append(error)
        finally:
            connection.close()
            if connection.connection:  # Django leaves a database in memory open
                connection.connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
        if not together:
            thread.join(60)
    for thread in threads:
        thread.join(60)
    return trouble
