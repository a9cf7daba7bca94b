"""`python -m viz script.py:loss -o loss.svg` draws a Value that a script defines."""

from viz.command import main

if __name__ == "__main__":
    main()
