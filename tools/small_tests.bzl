"""Small tests of a room run in one process: most take less time than importing TensorFlow.

`bazel test //autometa_tf/search:halving_test` still runs one by itself.
"""

_IN = "in "
_ONE_PROCESS = "//autometa_tf/testing:one_process.py"

def small_test(name, srcs, group = "small_tests", tags = [], **kwargs):
    """A test that runs with the others of its group, and by itself where it is named.

    It leaves the process as it was: variables, Keras's settings, threads.

    Args:
      name: As of `py_test`.
      srcs: One file.
      group: Whose tests have one environment.
      tags: As of `py_test`.
      **kwargs: As of `py_test`.
    """
    native.py_test(
        name = name,
        size = "small",
        srcs = srcs,
        main = srcs[0],
        tags = tags + ["manual", _IN + group],
        **kwargs
    )

def small_tests():
    """The groups of the small tests above it: the last line of a BUILD file."""
    groups = {}
    for rule in native.existing_rules().values():
        for tag in rule.get("tags", []):
            if tag.startswith(_IN):
                groups.setdefault(tag[len(_IN):], []).append(rule)
    for name, rules in groups.items():
        for rule in rules:
            if rule["env"] != rules[0]["env"]:
                fail("%s must have one environment: see %s." % (name, rule["name"]))
        sources = _all_of("srcs", rules)
        room = native.package_name().replace("/", ".")
        native.py_test(
            name = name,
            size = "large",
            srcs = sources + [_ONE_PROCESS],
            main = _ONE_PROCESS,
            args = ["%s.%s" % (room, s.lstrip(":")[:-len(".py")]) for s in sources],
            data = _all_of("data", rules),
            env = rules[0]["env"],
            tags = [t for t in _all_of("tags", rules) if t == "no-sandbox"],
            deps = _all_of("deps", rules),
        )

def _all_of(attribute, rules):
    """The labels or words of all rules, each once."""
    found = {}
    for rule in rules:
        for each in rule.get(attribute, []):
            found[each] = True
    return sorted(found)
