"""A hundred texts that try to be more than text, wherever they are printed."""

from __future__ import annotations

from itertools import cycle, islice

BIDI = "\u202e\u2066\u200f\u061c"
ATOMS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}</style>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><a href="https://evil.example">here</a>',
    "' autofocus onfocus=alert(1) x='",
    "</summary></details></section></main></body>",
    "</code></pre></td></tr></table><h1>Approved</h1>",
    "<!-- reconciler:plan:v1 env=prod -->",
    "--> <b>out</b> <!--",
    "--!><b>out</b>",
    "]]><b>out</b><![CDATA[",
    "&lt;b&gt; &#64;admin &amp;amp; &#x3c;b&#x3e;",
    "<iframe srcdoc='<script>1</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example/>",
    "<form action=https://evil.example><button>Approve</button></form>",
    "<details open ontoggle=alert(1)>",
    "<plaintext>",
    "<textarea>",
    "<title>",
    "<noscript><p title='</noscript><img src=x>'>",
    "javascript:alert(1)",
    "@admin please @contoso/owners approve",
    "@<8e6b1b33-21f0-4ad3-9a0c-6d3c0f1e9b11>",
    "#1 and GH-1 and contoso/fleet#1 and contoso/fleet@deadbeef",
    "!1 ~bug %v1 $2 &3 AB#12",
    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
    "https://evil.example/?a=(b)",
    "www.example.com and example.com",
    "//evil.example/x.png",
    "mail me: someone@evil.example",
    "[approved](https://evil.example)",
    "![](https://evil.example/x.png)",
    "<https://evil.example>",
    "[a]: https://evil.example",
    "[^1]: note",
    "**bold** __bold__ *it* _it_ ~~gone~~",
    "# heading",
    "x\n# heading\n\n- [x] approved",
    "x\n===\ny\n---\n",
    "> quote",
    "1. one\n2. two",
    "```\nout of the fence\n```",
    "````\nout\n````diff\n+ in",
    "~~~\nout\n~~~",
    "`a` ``b`` ```c```",
    "`" * 200,
    "\\` \\| \\",
    "a|b|c\\|d||",
    "|---|---|\n| a | b |",
    ":shipit: :warning:",
    "/approve\n/merge\n/close",
    "\n/approve",
    "::error file=a.yaml::x\n::set-output name=x::y",
    "##vso[task.setvariable variable=x]y",
    "$(touch /tmp/x) `touch /tmp/x` ${IFS}",
    "\x1b[2J\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]0;title\x07",
    "\x9b31m\x90q\x9c",
    "\r\x08\x7f\x0b\x0c",
    "\x00NUL\x00",
    f"{BIDI}drowssap",
    "zero\u200bwidth\ufeff\u2060",
    "line\u2028separator\u2029here",
    "\U0001f600\U0001f469\u200d\U0001f680 \u00e9\u0301 \u5317\u4eac",
    "\ud83d half",
    "\ue000 private \ufffe",
    "\u0430dmin",
    "No changes. Your infrastructure matches the configuration.",
    "\nPlan: 0 to add, 0 to change, 0 to destroy.",
    "  + Deployment/other",
    "(known after apply)",
    "(sensitive value)",
    "{{7*7}} {% raw %} <%= 1 %>",
    "%s %n {0} {name}",
    "../../etc/passwd",
    "-- ; DROP TABLE x;",
    '{"a": "b"}',
    "a: b\n- c\n",
    "'\"`\\",
    "$& $1 \\1",
    "x" * 20_000,
    "<b>" * 3_000,
    "@a " * 3_000,
    "\n" * 500,
    "\t\ttabs\t",
    " leading and trailing ",
)
TOTAL = 100


def texts(count: int = TOTAL) -> list[str]:
    """The first ones as they are; the rest are two of them in one."""
    pairs = (f"{one} {two}" for one, two in zip(ATOMS, ATOMS[7:], strict=False))
    return list(islice((*ATOMS, *pairs), count))


def sample(count: int) -> list[str]:
    """Some of all, from beginning to end."""
    found = texts()
    return list(islice(cycle(found[:: max(1, len(found) // count)]), count))
