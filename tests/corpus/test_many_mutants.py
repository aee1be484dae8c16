#!/usr/bin/env python3
"""A thousand damaged captures through the program.
speed: long
timeout: 3600
"""
import common_mutants

common_mutants.run(range(1000))
