"""Empty forms for a new study: one CSV a form, and a workbook with meanings, word lists and limits."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import xlsxwriter

from criteria.table import Column
from ingestion.forms.templates.declared import TEMPLATES, Template

WORKBOOK = "forms.xlsx"
WORDS = "words"
LAST_ROW = 5000
LONGEST_LIST = 255
WIDTH = 18


def write_templates(folder: Path) -> list[Path]:
    """Write the empty forms to the folder; returns the files. A filled one is read from incoming/forms."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [_write_csv(folder / f"{name}.csv", template) for name, template in TEMPLATES.items()]
    return [*written, _write_workbook(folder / WORKBOOK)]


def _write_csv(path: Path, template: Template) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(column.name for column in template.columns)
    return path


def _write_workbook(path: Path) -> Path:
    """One sheet a form: bold columns are required, comments say what they mean, coded ones drop down."""
    with xlsxwriter.Workbook(str(path)) as workbook:
        required = workbook.add_format({"bold": True, "bg_color": "#D9E2F3", "locked": True})
        optional = workbook.add_format({"bg_color": "#F2F2F2"})
        text, day = workbook.add_format({"num_format": "@"}), workbook.add_format({"num_format": "yyyy-mm-dd"})
        words = _WordLists()
        for template in TEMPLATES.values():
            sheet = workbook.add_worksheet(template.name)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(template.columns):
                cell_format = day if column.dtype == pl.Date else text if column.dtype == pl.String else None
                sheet.set_column(place, place, WIDTH, cell_format)
                is_required = column.name in template.required
                sheet.write_string(0, place, column.name, required if is_required else optional)
                sheet.write_comment(0, place, meaning_of(column, template), {"x_scale": 2, "y_scale": 1.5})
                listed = list(dict.fromkeys(template.words(column).values()))
                if column.dtype == pl.Boolean:
                    listed = ["Y", "N"]
                if listed:
                    _add_list(sheet, place, column.name, words.source(column.name, listed))
        _write_words(workbook, words)
    return path


def meaning_of(column: Column, template: Template) -> str:
    """What a column holds, in which unit, whether it must be filled, and its words."""
    parts = [column.meaning + (f" [{column.unit}]" if column.unit else "")]
    if column.name in template.defaults:
        parts.append(f"empty: {template.defaults[column.name]}")
    elif column.name in template.required:
        parts.append("required")
    listed = dict.fromkeys(template.words(column).values())
    if listed:
        parts.append("one of " + ", ".join(listed))
    return "; ".join(parts)


def _add_list(sheet: xlsxwriter.worksheet.Worksheet, place: int, name: str, source: list[str] | str) -> None:
    sheet.data_validation(
        1,
        place,
        LAST_ROW,
        place,
        {
            "validate": "list",
            "source": source,
            "error_title": name,
            "error_message": "choose one of the listed words",
            "error_type": "warning",
        },
    )


class _WordLists:
    """Word lists that are too long to stand in a cell's validation: they go to a hidden sheet."""

    def __init__(self) -> None:
        self.columns: dict[str, list[str]] = {}

    def source(self, name: str, words: list[str]) -> list[str] | str:
        """The words themselves, or the range of the hidden sheet where they stand."""
        if len(",".join(words)) <= LONGEST_LIST:
            return words
        self.columns[name] = words
        letter = xlsxwriter.utility.xl_col_to_name(list(self.columns).index(name))
        return f"={WORDS}!${letter}$2:${letter}${len(words) + 1}"


def _write_words(workbook: xlsxwriter.Workbook, words: _WordLists) -> None:
    if not words.columns:
        return
    sheet = workbook.add_worksheet(WORDS)
    for place, (name, listed) in enumerate(words.columns.items()):
        sheet.write_column(0, place, [name, *listed])
    sheet.hide()
