"""Re-rolling: groups of scalars become array instructions, and these a program.

Read `program.py`, then `build.py`.
"""
