"""The matrix of services and features in docs/services/README.md, read from the marks on the tests of their clients."""

from docs.generator.clients import CLIENTS, Driven, driven
from tests.clients.features import FEATURES

LINK = "[{count}](../../tests/clients/{file})"


def matrix() -> str:
    """A row for each feature, a column for each service; a number links to the file of that many tests."""
    shared = driven(CLIENTS["Together"])
    found = {service: driven(files) for service, files in CLIENTS.items() if service != "Together"}
    head = [f"| | {' | '.join(found)} |", "|---|" + "---|" * len(found)]
    rows = [f"| package | {' | '.join('<br>'.join(one.packages) for one in found.values())} |"]
    for name, words in FEATURES.items():
        cells = [_cell(one, name) for one in found.values()]
        if any(cells):
            rows.append(f"| {words} | {' | '.join(cells)} |")
    told = [", ".join(map(str, sorted(set().union(*(test.statuses for test in one.tests))))) for one in found.values()]
    rows.append(f"| statuses of errors | {' | '.join(told)} |")
    several = [f"[{test.sentence}](../../tests/clients/{test.file})" for test in shared.tests]
    return "\n".join([*head, *rows, "", f"With clients of several services at once: {'; '.join(several)}."])


def _cell(service: Driven, feature: str) -> str:
    """How many tests show the feature, by file."""
    files: dict[str, int] = {}
    for test in service.tests:
        if feature in test.features:
            files[test.file] = files.get(test.file, 0) + 1
    return "<br>".join(LINK.format(count=count, file=file) for file, count in files.items())
