"""The processes of a node: main, sentinel and workers. django-q2's, but for how they live and end.

Its pusher, monitor and the queues between them are not used: a worker takes its messages from
the broker itself, so nothing of a process that is killed can hold up another.
"""
