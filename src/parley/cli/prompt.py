"""Reads what the person at the terminal, or a pipe, has to say."""

import sys

QUOTES = '"""'


class Prompt:
    """Texts of one or many lines; Ctrl-C at an empty prompt warns once and leaves the second time."""

    def __init__(self, *, terminal: bool) -> None:
        self._terminal = terminal
        self._warned = False

    def read(self) -> str | None:
        """The next text, or None when there is no more."""
        while True:
            try:
                text = self._text()
            except EOFError:
                if self._terminal:
                    sys.stdout.write("\n")
                return None
            except KeyboardInterrupt:
                sys.stdout.write("\n")
                if self._warned or not self._terminal:
                    return None
                self._warned = True
                sys.stdout.write("Ctrl-C again leaves; so do Ctrl-D and /exit.\n")
                continue
            self._warned = False
            return text

    def _text(self) -> str:
        line = self._line("> ")
        if line.strip().startswith(QUOTES):
            return self._quoted(line.strip()[len(QUOTES) :])
        lines = [line]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(self._line(". "))
        return "\n".join(lines)

    def _quoted(self, first: str) -> str:
        lines = [first]
        while not lines[-1].rstrip().endswith(QUOTES):
            lines.append(self._line(". "))
        lines[-1] = lines[-1].rstrip()[: -len(QUOTES)]
        return "\n".join(lines).strip("\n")

    def _line(self, sign: str) -> str:
        if self._terminal:
            return input(sign)
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")
