"""What notebooks and terminals show: tables, pictures of circuits, progress."""

from __future__ import annotations

import html
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence

STYLE = ("<style>.locus td, .locus th {text-align: left; padding: 1px 8px; vertical-align: top} "
         ".locus .n {text-align: right; font-variant-numeric: tabular-nums}</style>")


def table(head: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """A table in HTML; numbers to the right, all texts escaped.

    >>> "&lt;b&gt;" in table(["a"], [["<b>"]])
    True
    """
    out = [STYLE, '<table class="locus">']
    if caption:
        out.append(f"<caption>{html.escape(caption)}</caption>")
    out.append("<tr>" + "".join(f"<th>{html.escape(h)}</th>" for h in head) + "</tr>")
    for row in rows:
        out.append("<tr>" + "".join(_cell(x) for x in row) + "</tr>")
    return "\n".join([*out, "</table>"])


def _cell(x: object) -> str:
    if x is None:
        return "<td></td>"
    if isinstance(x, bool) or not isinstance(x, (int, float)):
        return f"<td>{html.escape(str(x))}</td>"
    return f'<td class="n">{f"{x:,}".replace(",", " ") if isinstance(x, int) else f"{x:.6g}"}</td>'


def svg(dot: str) -> str:
    """A picture of a Graphviz text, if Graphviz is installed; else ""."""
    program = shutil.which("dot")
    if program is None:
        return ""
    done = subprocess.run([program, "-Tsvg"], input=dot, capture_output=True, text=True, check=False)
    return done.stdout[done.stdout.find("<svg"):] if done.returncode == 0 else ""


def in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return bool(shell and shell.get_ipython() and hasattr(shell.get_ipython(), "kernel"))


class Progress:
    """A bar for done / total with an estimate of what is left, in a terminal (on stderr) or a notebook."""

    def __init__(self, wanted: bool | None) -> None:
        """``wanted`` None: where there is somebody to see it."""
        self._notebook = in_notebook()
        self._shown = wanted if wanted is not None else self._notebook or sys.stderr.isatty()
        self._begin: tuple[float, int] | None = None
        self._display: object = None

    def show(self, text: str, done: int, total: int) -> None:
        if not self._shown or total == 0:
            return
        now = time.monotonic()
        if self._begin is None:
            self._begin = now, done
        since = done - self._begin[1]
        left = f", {(now - self._begin[0]) * (total - done) / since:.0f} s left" if since > 0 else ""
        label = f"{text}: {100 * done / total:.0f} %{left}"
        if self._notebook:
            self._show_html(f'<progress value="{done}" max="{total}" style="width: 20em"></progress> {html.escape(label)}')
        else:
            filled = 30 * done // total
            sys.stderr.write(f"\r\033[K[{'#' * filled}{'.' * (30 - filled)}] {label}")
            sys.stderr.flush()

    def _show_html(self, text: str) -> None:
        from IPython import display

        if self._display is None:
            self._display = display.display(display.HTML(text), display_id=True)
        else:
            self._display.update(display.HTML(text))

    def end(self) -> None:
        if self._begin is None:
            return
        if self._notebook and self._display is not None:
            self._show_html("")
        elif not self._notebook:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
        self._begin = None
