"""`python -m noctis_tui` is `noctis`."""

from noctis_tui.cli import main

main()
