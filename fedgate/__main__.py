"""`python -m fedgate` is the `fedgate` command."""

import sys

from fedgate.cli.main import main

sys.exit(main())
