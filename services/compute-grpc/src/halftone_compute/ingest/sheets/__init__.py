"""Spreadsheets: a workbook, the sheet of it that is read, its cells as text."""
