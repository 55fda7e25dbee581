"""The drill: a studio of its own is killed and its provider fails, and a ledger judges the outcome.

`manage.py drill` prepares a folder and a database (`setting.py`) and runs this package in them:
`run.py` starts a simulator and a studio (`node.py`), asks for work (`workload.py`), makes trouble
(`faults.py`, `trouble.py`), heals it and judges by what the simulator noted (`judge.py`,
`restarts.py`). Nothing of the studio knows the drill.
"""
