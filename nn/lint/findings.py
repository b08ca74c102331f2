"""A finding is a mistake with its name, what was seen of it in numbers, and the edit to make."""

from html import escape
from typing import NamedTuple


class LintWarning(UserWarning):
    """What `fit` found on its first batch."""


class Finding(NamedTuple):
    """One mistake."""

    name: str
    seen: str
    mend: str

    def __str__(self) -> str:
        return f"{self.name}: {self.seen}\n  help: {self.mend}"


class Findings(list[Finding]):
    """What `nn.check` found, and in `unchecked` what it could not look at, with the reason."""

    def __init__(self, found: list[Finding], unchecked: list[str]) -> None:
        super().__init__(found)
        self.unchecked = unchecked

    def __repr__(self) -> str:
        lines = [str(finding) for finding in self] or ["nothing found"]
        return "\n".join([*lines, *(f"not checked: {text}" for text in self.unchecked)])

    def _repr_html_(self) -> str:
        from autograd.show.cards import FAINT, TABLE

        rows = [_row("th", "found", "seen", "help"), *(_row("td", *finding) for finding in self)]
        table = f"{TABLE}{''.join(rows)}</table>" if self else "<div>nothing found</div>"
        return table + "".join(f"<div>{FAINT.format(escape(f'not checked: {text}'))}</div>"
                               for text in self.unchecked)


def _row(tag: str, *texts: str) -> str:
    """A row of a table whose cells may break their lines."""
    head = f'<{tag} style="padding:1px 8px;vertical-align:top;text-align:left">'
    return f"<tr>{''.join(f'{head}{escape(x)}</{tag}>' for x in texts)}</tr>"
