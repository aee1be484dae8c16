#!/usr/bin/env python3
"""A hundred damaged captures through the program (test_many_mutants.py: a thousand). With numbers as arguments: those mutants."""
import sys

import common_mutants

common_mutants.run([int(a) for a in sys.argv[1:]] or range(100))
