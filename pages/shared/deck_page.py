"""A presentation as one page: kept views in order, arrow keys lead on; it asks for nothing.

Words and tables are escaped; a map is a page of its own inside; a picture is drawn by Plotly,
which then stands in the file. The page's own policy forbids every request.
"""

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; frame-src 'self'"
)
STYLE = """
body{margin:0;background:#fff;color:#1f1e1c;
 font:22px/1.5 'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif}
section{display:none;box-sizing:border-box;min-height:100vh;padding:1.2rem 2.5rem 4.5rem}
section.now{display:block}h1{font-size:2rem;line-height:1.25;margin:.2rem 0 .6rem}
.view,.facts,footer{color:#595650;font-size:.75rem}.mark{color:#b4141e;font-weight:bold}
p{margin:.4rem 0}.said{max-width:70rem;white-space:pre-line}iframe{width:100%;height:72vh;border:0}
table{border-collapse:collapse;margin:.6rem 0;font-size:.85rem}
th,td{border:1px solid #8a8780;padding:.15rem .6rem;text-align:left;vertical-align:top}
th{background:#f2f0ec}td.n{text-align:right;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}.note{border-left:4px solid #8a8780;padding-left:.8rem;display:none}
body.notes .note{display:block}footer{position:fixed;inset:auto 0 0 0;background:#fff;
 border-top:1px solid #c9c6bf;padding:.4rem 2.5rem;display:flex;gap:1.5rem;flex-wrap:wrap;
 align-items:center}
footer button{font:inherit;color:#1f1e1c;background:#f2f0ec;border:1px solid #8a8780;
 padding:.2rem .9rem;cursor:pointer}
button:focus-visible,section:focus-visible{outline:3px solid #b4141e}
@media print{section{display:block;break-after:page;min-height:0;padding-bottom:0}
 footer{display:none}.foot{display:block}}
"""
SCRIPT = """
const all = [...document.querySelectorAll('section')];
let now = 0;
function show(n) {
  now = Math.max(0, Math.min(all.length - 1, n));
  all.forEach((each, k) => each.classList.toggle('now', k === now));
  document.getElementById('at').textContent = `${now + 1} / ${all.length}`;
  window.scrollTo(0, 0);
  const frame = all[now].querySelector('iframe[data-doc]');
  if (frame) { frame.srcdoc = JSON.parse(document.getElementById(frame.dataset.doc).textContent);
    frame.removeAttribute('data-doc'); }
  for (const place of all[now].querySelectorAll('[data-figure]')) {
    const told = JSON.parse(document.getElementById(place.dataset.figure).textContent);
    place.removeAttribute('data-figure');
    Plotly.newPlot(place, told.data, told.layout, { displayModeBar: false, responsive: true });
  }
}
document.getElementById('back').onclick = () => show(now - 1);
document.getElementById('next').onclick = () => show(now + 1);
document.getElementById('notes').onclick = () => document.body.classList.toggle('notes');
addEventListener('keydown', (event) => {
  const by = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
  const held = event.altKey || event.ctrlKey || event.metaKey;
  if (by && !held) { event.preventDefault(); show(now + by); }
});
show(0);
"""


class Leaf:
    """One sheet of the page: what stands on it, and data that its script reads.

    view, title, foot: words. said: sentences. note: for who presents.
    """

    def __init__(self, view: str, title: str, said: Sequence[str], foot: str, note: str) -> None:
        self.view, self.title, self.said, self.foot, self.note = view, title, said, foot, note
        self.body: list[str] = []
        self.data: list[str] = []

    def table(
        self, headings: Sequence[str], rows: Sequence[Sequence[str]], figures: Sequence[bool]
    ) -> None:
        """Add a table of words and digits."""
        names = "".join(f'<th scope="col">{html.escape(each)}</th>' for each in headings)
        lines = "".join(
            "<tr>"
            + "".join(
                f"<td{' class=n' if number else ''}>{html.escape(cell)}</td>"
                for cell, number in zip(row, figures, strict=True)
            )
            + "</tr>"
            for row in rows
        )
        self.body.append(
            f'<div class="wide"><table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody>'
            "</table></div>"
        )

    def map(self, document: bytes, name: str) -> None:
        """Add a map: a whole page, opened when its sheet is."""
        key = f"doc-{name}"
        title = html.escape(self.title)
        self.body.append(f'<iframe data-doc="{key}" title="{title}"></iframe>')
        self._hold(key, document.decode())

    def figure(self, told: Mapping[str, Any], name: str) -> None:
        """Add a picture, given as Plotly's JSON."""
        key = f"figure-{name}"
        label = html.escape(self.title)
        self.body.append(f'<div data-figure="{key}" role="img" aria-label="{label}"></div>')
        self._hold(key, told)

    def _hold(self, key: str, content: Any) -> None:
        self.data.append(f'<script type="application/json" id="{key}">{inside(content)}</script>')

    def facts(self, lines: Sequence[str]) -> None:
        """Add small lines: source, formula, base."""
        self.body += [f'<p class="facts">{html.escape(line)}</p>' for line in lines if line]

    def html(self, mark: str) -> str:
        """Return the sheet."""
        said = "".join(f'<p class="said">{html.escape(line)}</p>' for line in self.said if line)
        note = f'<p class="note">{html.escape(self.note)}</p>' if self.note else ""
        badge = f'<p class="view mark">{html.escape(mark)}</p>' if mark else ""
        return (
            f'<section><p class="view">{html.escape(self.view)}</p>{badge}'
            f"<h1>{html.escape(self.title)}</h1>{said}{''.join(self.body)}{note}"
            f'<p class="facts foot">{html.escape(self.foot)}</p></section>'
        )


def page(
    title: str, lang: str, leaves: Sequence[Leaf], words: Mapping[str, str], mark: str
) -> bytes:
    """Return the page. words: page_back, page_next, page_notes."""
    data = "".join(part for leaf in leaves for part in leaf.data)
    plotly = ""
    if 'id="figure-' in data:
        from plotly.offline import get_plotlyjs

        script = get_plotlyjs().replace("</script", "<\\/script")
        plotly = f"<script>{script}</script>"
    buttons = "".join(
        f'<button id="{name}">{html.escape(words[f"page_{name}"])}</button>'
        for name in ("back", "next", "notes")
    )
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>"
        f"{''.join(leaf.html(mark) for leaf in leaves)}"
        f'<footer>{buttons}<span id="at"></span></footer>'
        f"{data}{plotly}<script>{SCRIPT}</script></body></html>"
    ).encode()


def inside(held: Any) -> str:
    """Return JSON that cannot end the element it stands in."""
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
