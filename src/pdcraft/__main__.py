"""``python -m pdcraft``: the command where its folder is not on the path."""

from pdcraft.cli import main

if __name__ == "__main__":
    main()
