"""The compiler: scalar code recorded once, run as array code.

record (a tape) -> simplify -> differentiate -> simplify -> sums -> schedule -> re-roll (a program)
-> run. Each stage is a file, a function from one thing to the next, and prints.
"""
