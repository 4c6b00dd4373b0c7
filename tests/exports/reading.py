"""Files read back. What comes out may be anything, which is the point of looking."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from pptx import Presentation
from pypdf import PdfReader


def workbook_of(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def pdf_of(data: bytes) -> Any:
    return PdfReader(io.BytesIO(data))


def slides_of(data: bytes) -> Any:
    return Presentation(io.BytesIO(data)).slides
