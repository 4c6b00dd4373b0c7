"""Documents that leave the house: a workbook of tables, a customer's statement of account. Importing it is quick."""

from exports.about import About
from exports.statement import Sender, Statement, statement
from exports.statement_files import print_statement, statement_csv, statement_pdf, statement_rows, statement_workbook
from exports.workbook import Column, Form, Sheet, workbook

__all__ = [
    "About",
    "Column",
    "Form",
    "Sender",
    "Sheet",
    "Statement",
    "print_statement",
    "statement",
    "statement_csv",
    "statement_pdf",
    "statement_rows",
    "statement_workbook",
    "workbook",
]
