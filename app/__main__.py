"""`python -m app`: the same as `tonle`, for child processes that must run this very installation."""

from app.cli import main

if __name__ == "__main__":
    main()
