"""`{% once key… %}`: a part of a page that is written once a process for each set of its keys."""

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.loader_tags import BlockNode

register = template.Library()

MOST_WRITTEN = 64


class OnceNode(template.Node):
    """Keeps what its contents gave, by the values of the keys."""

    def __init__(self, nodelist: NodeList, keys: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self.keys = keys
        self.written: dict[tuple[object, ...], str] = {}

    def render(self, context: template.Context) -> str:
        key = tuple(each.resolve(context) for each in self.keys)
        text = self.written.get(key)
        if text is None:
            text = self.nodelist.render(context)
            if len(self.written) >= MOST_WRITTEN:
                self.written.clear()
            self.written[key] = text
        return text


@register.tag
def once(parser: Parser, token: Token) -> OnceNode:
    """For the frame, which is the same on every page: `{% once %}`, or `{% once here pages %}`.

    What stands within must depend on nothing but the keys, and these must be plain values (text,
    numbers, tuples of them): rows of the database are equal when their content is not.
    """
    keys = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    if nodelist.get_nodes_by_type(BlockNode):
        raise template.TemplateSyntaxError("A block within {% once %} would not be replaced.")
    return OnceNode(nodelist, keys)
