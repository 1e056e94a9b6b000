"""The process of a sweep. It starts a copy of itself for each cell, which a process with other threads (NumPy's, those of
a notebook) cannot do: so it knows nothing of the package but its compiled module. Its standard input has what is wanted on
the first line, and ends when the sweep is to; on its standard output it says what happens, a line each."""

import json
import os
import select
import sys
import types


def main() -> None:
    folder = os.path.dirname(os.path.abspath(__file__))
    package = types.ModuleType("locus")
    package.__path__ = [folder]
    sys.modules["locus"] = package
    from locus import _locus, errors

    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what anything else prints is no line of these

    def say(what: str, *told: object) -> None:
        print(json.dumps([what, *told]), file=out, flush=True)

    def is_over() -> bool:
        return bool(select.select([0], [], [], 0)[0])

    wanted = json.loads(_line(0))
    try:
        nets = [_locus.Netlist.parse(*each) for each in wanted.pop("netlists")]
        _locus.sweep(nets, **wanted, warn=lambda text: say("warning", text),
                     begin=lambda to_run, known: say("begin", to_run, known),
                     ended=lambda cell, failure: say("cell", cell, failure), stop=is_over)
    except errors.Error as e:
        say("error", type(e).__name__, str(e), {k: getattr(e, k) for k in ("file", "line", "column")})
    except BrokenPipeError:
        pass  # nobody is there any more


def _line(descriptor: int) -> bytes:
    """Without reading further, so that the end can be waited for."""
    parts = []
    while not parts or not parts[-1].endswith(b"\n"):
        parts.append(os.read(descriptor, 1 << 16))
        if not parts[-1]:
            sys.exit(1)
    return b"".join(parts)


if __name__ == "__main__":
    main()
