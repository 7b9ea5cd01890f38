"""A comment as a service shows it: Markdown with tables, folds and addresses made into links."""

from __future__ import annotations

from markdown_it import MarkdownIt

STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --page: #ffffff; --line: #d1d9e0;
  --quiet: #59636e; --soft: #f6f8fa; --code: #818b981f; --link: #0969da; --add: #dafbe1;
  --add-ink: #116329; --cut: #ffebe9; --cut-ink: #82071e; --note: #fff1e5; --note-ink: #953800; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f6fc; --page: #0d1117; --line: #3d444d;
  --quiet: #9198a1; --soft: #151b23; --code: #656c7633; --link: #4493f8; --add: #033a16;
  --add-ink: #aff5b4; --cut: #67060c; --cut-ink: #ffdcd7; --note: #5a1e02; --note-ink: #ffdfb6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 58rem; padding: 16px; background: var(--page); color: var(--ink);
  font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif; }
article { border: 1px solid var(--line); border-radius: 6px; padding: 16px; }
code { font: 85% ui-monospace, "DejaVu Sans Mono", monospace; background: var(--code);
  padding: .2em .4em; border-radius: 6px; }
pre { background: var(--soft); border-radius: 6px; padding: 16px; overflow: auto; line-height: 1.45;
  margin: 0 0 16px; }
pre code { background: none; padding: 0; }
pre span { display: block; min-height: 1.45em; }
.ins { color: var(--add-ink); background: var(--add); }
.del { color: var(--cut-ink); background: var(--cut); }
.changed { color: var(--note-ink); background: var(--note); }
h3 { font-size: 1.25em; margin: 0 0 16px; } h4 { font-size: 1em; margin: 24px 0 16px; }
p { margin: 0 0 16px; } ul { padding-left: 2em; margin: 0 0 16px; } li + li { margin-top: 4px; }
table { border-collapse: collapse; display: block; overflow: auto; margin-bottom: 16px; }
th, td { border: 1px solid var(--line); padding: 6px 13px; }
tr:nth-child(2n) td { background: var(--soft); }
details { margin-bottom: 16px; } summary { cursor: pointer; }
hr { height: 4px; border: 0; background: var(--line); margin: 24px 0; } a { color: var(--link); }
blockquote { margin: 0 0 16px; padding: 0 1em; border-left: 4px solid var(--line);
  color: var(--quiet); } sub { color: var(--quiet); font-size: 75%; vertical-align: baseline; }
"""
COLORS = {"+": "ins", "-": "del", "!": "changed"}
MARKDOWN = MarkdownIt("gfm-like", {"html": True})


def rendered(comment: str) -> str:
    """HTML of the comment alone, made by another's parser."""
    return str(MARKDOWN.render(comment))


def page(comment: str) -> str:
    """A page that looks like the services' own, with diffs in colour."""
    shown = MarkdownIt("gfm-like", {"html": True, "highlight": _highlighted}).render(comment)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Comment</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><article>{shown}</article></body></html>"
    )


def _highlighted(text: str, _language: str, _attributes: str) -> str:
    lines = text.replace("&", "&amp;").replace("<", "&lt;").splitlines()
    return "".join(f'<span class="{COLORS.get(line[:1], "")}">{line}</span>' for line in lines)
