"""A pack of pages for a board: one content, written as PowerPoint, as PDF and as a workbook."""
