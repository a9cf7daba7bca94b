"""`python -m autograd`: a prompt with the names loaded, or a script under the debugger."""

from autograd.debugger.launch import main

if __name__ == "__main__":
    main()
