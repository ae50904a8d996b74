# SPDX-License-Identifier: BSD-2-Clause
"""As much of JSON Schema as tools/check.schema.json uses; any other word is refused."""
import re

KINDS = {"object": dict, "array": list, "string": str, "null": type(None)}
SILENT = {"$schema", "$defs", "title", "description"}


def is_kind(value, kind):
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, KINDS[kind])


class Schema:
    def __init__(self, root, start="#"):
        self.root, self.start = root, start

    def problems(self, value):
        """What is wrong, each with its place; [] when nothing is."""
        return list(self.look(self.at(self.start), value, "$"))

    def at(self, ref):
        rule = self.root
        for step in ref.split("/")[1:]:
            rule = rule[step]
        return rule

    def look(self, rule, value, place):
        for word, what in rule.items():
            if word not in SILENT:
                yield from getattr(self, "on_" + word.strip("$"))(what, value, place, rule)

    def on_ref(self, what, value, place, _rule):
        yield from self.look(self.at(what), value, place)

    def on_type(self, what, value, place, _rule):
        if not any(is_kind(value, k) for k in ([what] if isinstance(what, str) else what)):
            yield "%s: %r is no %s" % (place, value, what)

    def on_enum(self, what, value, place, _rule):
        if not any(value == x and type(value) is type(x) for x in what):
            yield "%s: %r is none of %s" % (place, value, what)

    def on_pattern(self, what, value, place, _rule):
        if isinstance(value, str) and not re.search(what, value):
            yield "%s: %r is not as %s" % (place, value, what)

    def on_minimum(self, what, value, place, _rule):
        if is_kind(value, "integer") and value < what:
            yield "%s: %r is less than %s" % (place, value, what)

    def on_maximum(self, what, value, place, _rule):
        if is_kind(value, "integer") and value > what:
            yield "%s: %r is more than %s" % (place, value, what)

    def on_anyOf(self, what, value, place, _rule):  # noqa: N802
        tried = [list(self.look(rule, value, place)) for rule in what]
        if all(tried):
            yield from min(tried, key=len)

    def on_items(self, what, value, place, _rule):
        for i, one in enumerate(value if isinstance(value, list) else ()):
            yield from self.look(what, one, "%s[%d]" % (place, i))

    def on_properties(self, what, value, place, _rule):
        for name, rule in what.items():
            if isinstance(value, dict) and name in value:
                yield from self.look(rule, value[name], place + "." + name)

    def on_required(self, what, value, place, _rule):
        for name in what:
            if isinstance(value, dict) and name not in value:
                yield "%s: no %s" % (place, name)

    def on_additionalProperties(self, what, value, place, rule):  # noqa: N802
        for name in value if isinstance(value, dict) and not what else ():
            if name not in rule["properties"]:
                yield "%s: unknown %s" % (place, name)
