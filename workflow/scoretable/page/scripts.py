"""The scripts and styles that the page holds, and the policy that lets a browser run these and nothing else."""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

PARTS = ("state.js", "rows.js", "charts.js", "compare.js", "start.js")  # each uses what stands above it


@cache
def vega_script() -> str:
    """Return the JavaScript of Vega, Vega-Lite and Vega-Embed as one text; it takes 4 seconds to put together."""
    import vl_convert

    return escape_script(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def page_script(folder: Path) -> str:
    """Return the page's own JavaScript, from its parts in a folder."""
    return escape_script("\n".join((folder / part).read_text(encoding="utf-8") for part in PARTS))


def escape_script(text: str) -> str:
    r"""Return JavaScript that may stand in a script element: what could end it, which is within texts, is escaped.

    Ends of lines become those that a browser reads, of which it takes the digest.

    >>> escape_script("'</script><!--'")
    "'<\\/script><\\!--'"
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("<(/script|!--)", r"<\\\1", text, flags=re.IGNORECASE)


def content_policy(scripts: Sequence[str], style: str) -> str:
    """Return a Content-Security-Policy (W3C, level 3) for a page of these script elements and this style element.

    Nothing is loaded from anywhere, nothing that stands in the data is run, and no text becomes code (no unsafe-eval).
    """
    ours = " ".join(map(_digest, scripts))
    return f"default-src 'none'; script-src {ours}; style-src {_digest(style)}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
