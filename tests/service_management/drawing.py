"""Draws values that a message or a .cscfg may hold, for tests of what holds for all of them."""

import codecs
from xml.sax.saxutils import quoteattr

from hypothesis import strategies as st

from handlers.service_management.cscfg import NAMESPACE as CSCFG_NAMESPACE

# ---- values

in_xml = st.characters(
    codec="utf-8", exclude_categories=["Cs"], exclude_characters=[*map(chr, range(32)), "\ufffe", "\uffff"]
) | st.sampled_from("\t\n\r&<>'\"]")
word = st.text(in_xml, min_size=1, max_size=20)
name = st.text(
    st.characters(codec="utf-8", categories=["L", "N"]) | st.sampled_from("-_. ()&'"), min_size=1, max_size=20
).filter(lambda text: text == text.strip() and text not in {".", ".."})
property_name = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,63}", fullmatch=True)
label = st.text(in_xml, min_size=1, max_size=100)

# ---- service configurations

blank = st.text(" \t\n", min_size=1, max_size=3)
quote = st.sampled_from("'\"")
aside = st.sampled_from(
    ["", "\n  ", "<!-- count='9' <Role name='Web'> -->", "<?keep count='9'?>", "<![CDATA[ <Role/> ]]>"]
)


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, list[str], str]:
    """Draw a .cscfg with some roles, written in somebody's own way."""
    roles = draw(st.lists(word, min_size=1, max_size=3, unique=True))
    parts = [f"<ServiceConfiguration{draw(blank)}serviceName='s' xmlns='{CSCFG_NAMESPACE}'>"]
    for role in roles:
        mark = draw(quote)
        count = f"<Instances{draw(blank)}other='>'{draw(blank)}count={draw(st.sampled_from(['', ' ']))}={mark}1{mark}/>"
        setting = f"<Setting{draw(blank)}value={quoteattr(draw(word), _REFERENCES)} name='k'/>"
        inside = [
            count.replace("==", "=").replace("= =", "="),
            f"<ConfigurationSettings>{setting}</ConfigurationSettings>",
        ]
        if draw(st.booleans()):
            inside.reverse()
        attribute = quoteattr(role, _REFERENCES)
        parts += [
            f"{draw(aside)}<Role{draw(blank)}name={attribute}>",
            *(f"{draw(aside)}{i}" for i in inside),
            "</Role>",
        ]
    text = "".join([*parts, draw(aside), "</ServiceConfiguration>"])
    mark_and_codec = draw(
        st.sampled_from(
            [
                (b"", "utf-8"),
                (codecs.BOM_UTF8, "utf-8"),
                (codecs.BOM_UTF16_LE, "utf-16-le"),
                (codecs.BOM_UTF16_BE, "utf-16-be"),
            ]
        )
    )
    return mark_and_codec[0] + text.encode(mark_and_codec[1]), roles, mark_and_codec[1]


_REFERENCES = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
