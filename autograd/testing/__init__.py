"""Test derivatives, those of this engine, of any other, and your own."""

from .checking import assert_gradients, check_gradients
from .growing import BANK, random_program
from .laws import LAWS, check_laws
from .peers import derivatives
from .planted import BUGS, caught, kill_table, planted
from .plugin import check_derivatives
from .programs import Program, shrink
from .report import Finding, Report
from .table import register

__all__ = ["BUGS", "Finding", "Report", "assert_gradients", "caught", "check_gradients",
           "kill_table", "planted",
           "LAWS", "check_laws", "check_derivatives",
           "BANK", "Program", "derivatives", "random_program", "register", "shrink"]
