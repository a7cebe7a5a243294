"""Workbooks as Excel and LibreOffice write them, with as little XML as they read."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - workbooks know no zone
_FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
# Cell styles: plain, a day, a day with a time, a time of day, hours over 24.
_FORMATS = (0, 14, 22, 21, 46)


def xlsx(sheets: Mapping[str, Sequence[Sequence[Any]]], *, ends_far: bool = False) -> bytes:
    """Cells of None are left out; text that starts with `#` and ends with `!` or `A` is an error. Of those that end far
    away, the last cell that a sheet can have is filled.
    """
    names = list(sheets)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{place}" r:id="r{place}"/>' for place, name in enumerate(names, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            [
                *(("worksheet", f"worksheets/s{place}.xml") for place in range(1, len(names) + 1)),
                ("styles", "styles.xml"),
            ]
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs>'
        + "".join(f'<xf numFmtId="{number}"/>' for number in _FORMATS)
        + "</cellXfs></styleSheet>",
    }
    for place, name in enumerate(names, 1):
        files[f"xl/worksheets/s{place}.xml"] = _worksheet(sheets[name], _FAR if ends_far else "")
    return _zipped(files)


def ods(rows: Sequence[Sequence[Any]], name: str = "Sheet1") -> bytes:
    """One sheet of numbers, text, days and None."""
    parts = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{part}="{_OFFICE}:{part}:1.0"' for part in parts)
    table = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return _zipped(
        {
            "mimetype": kind,
            "META-INF/manifest.xml": f'<manifest xmlns="{_OFFICE}:manifest:1.0"/>',
            "content.xml": f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f"<table:table table:name={quoteattr(name)}>{table}</table:table>"
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    made = "".join(
        f'<Relationship Id="r{place}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{made}</Relationships>'


def _worksheet(rows: Sequence[Sequence[Any]], more: str) -> str:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{_letters(place)}{number}", value) for place, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}{more}</sheetData></worksheet>'


def _letters(place: int) -> str:
    return (_letters(place // 26 - 1) if place >= 26 else "") + chr(65 + place % 26)


def _cell(at: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        if value.startswith("#") and value[-1] in "!A":
            return f'<c r="{at}" t="e"><v>{value}</v></c>'
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    number, style = _serial(value)
    return f'<c r="{at}" s="{style}"><v>{number!r}</v></c>'


def _serial(value: object) -> tuple[float, int]:
    """A number as it stands in the file, and the place of its style."""
    if isinstance(value, dt.datetime):
        return (value - _EPOCH) / dt.timedelta(days=1), 2
    if isinstance(value, dt.date):
        return (dt.datetime.combine(value, dt.time()) - _EPOCH).days, 1
    if isinstance(value, dt.time):
        return (value.hour * 3_600 + value.minute * 60 + value.second) / 86_400, 3
    if isinstance(value, dt.timedelta):
        return value / dt.timedelta(days=1), 4
    assert isinstance(value, int | float)
    return value, 0


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    if isinstance(value, dt.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'


def _zipped(files: Mapping[str, str]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            # LibreOffice has the type first and plain.
            archive.writestr(name, text, zipfile.ZIP_STORED if name == "mimetype" else None)
    return sink.getvalue()
