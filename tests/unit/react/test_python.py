"""The interpreter of the ReAct agent, and everything that code can do to it."""

from __future__ import annotations

import pytest

from pytest_metr.interfaces import Sandbox
from tests.conformance.test_processes import running
from tests.unit.react.hands import Hands

NEW_ONE = "The next call gets a new one, without its variables and imports.]"


def test_names_stay_and_the_last_expression_is_shown(hands: Hands) -> None:
    assert hands.python("import math\ndef twice(x):\n    return 2 * x\nword = 'hi'") == "[no output]"
    assert hands.python("word\ntwice(math.floor(2.5))") == "4\n"
    assert hands.python("_ + 1") == "5\n"
    assert hands.python("None") == "[no output]"
    assert hands.python("import os; os.chdir('/tmp')\nprint(os.getcwd(), end='')") == "/tmp"
    assert hands.python("for n in range(2): n") == "[no output]"
    assert hands.python("__name__, __builtins__ is not None") == "('__main__', True)\n"


def test_output_and_errors_of_children_too_come_in_their_order(hands: Hands) -> None:
    code = """
    import os, sys, subprocess
    print(1, end='')
    print(2, file=sys.stderr)
    subprocess.run(['sh', '-c', 'echo 3; echo 4 >&2'])
    os.write(1, b'5\\n')
    print(6)
    """
    assert hands.python("if True:" + code) == "12\n3\n4\n5\n6\n"


def test_a_traceback_has_the_lines_of_the_code_and_no_frame_of_ours(hands: Hands) -> None:
    hands.python("def broken():\n    return 1 / 0")
    shown = hands.python("print('before')\nbroken()")
    assert [line for line in shown.splitlines() if line.strip(" ~^")] == [
        "before",
        "Traceback (most recent call last):",
        '  File "<python 2>", line 2, in <module>',
        "    broken()",
        '  File "<python 1>", line 2, in broken',
        "    return 1 / 0",
        "ZeroDivisionError: division by zero",
    ]
    assert hands.last("python")["exit_code"] == 1
    assert hands.python("1 +").startswith('  File "<python 3>", line 1\n    1 +\n')
    assert hands.python("return 1").startswith('  File "<python 4>", line 1\n')
    chained = hands.python("try:\n    broken()\nexcept ZeroDivisionError as error:\n    raise KeyError('k') from error")
    assert "inside_python" not in chained
    assert '"<string>"' not in chained
    assert chained.count("Traceback") == 2


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("input()", "EOFError: EOF when reading a line\n"),
        ("import sys; sys.stdin.read()", "''\n"),
        ("exit()", "SystemExit: None (the session goes on)\n"),
        ("import sys; sys.exit(3)", "SystemExit: 3 (the session goes on)\n"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt\n"),
        ("import os; os.close(1); os.close(2); os.close(0)", "[no output]"),
        ("import io, sys; sys.stdout = io.TextIOWrapper(sys.stdout.buffer); print('late')", "late\n"),
        ("import sys; sys.stdout = sys.stderr = None", "[no output]"),
        ("import os\nif os.fork() == 0: print('child')\nelse: print('parent', os.wait()[1])", "child\nparent 0\n"),
        (
            "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd",
            "Odd: <exception str() failed>\n",
        ),
        ("class Odd:\n    def __repr__(self): raise ValueError('r')\nOdd()", "ValueError: r\n"),
        ("raise ValueError('\\ud800')", "ValueError: \\ud800\n"),
        ("'é日'", "'é日'\n"),
        ("def f(): f()\nf()", "RecursionError: maximum recursion depth exceeded\n"),
        ("(" * 5000, "SyntaxError: too many nested parentheses\n"),
        ("del __builtins__", "[no output]"),
        ("import os; os.environ.clear(); del os", "[no output]"),
        ("import io, sys; sys.stdout = io.StringIO(); print('lost'); 1 / 0", "ZeroDivisionError: division by zero\n"),
        ("import sys; sys.stdout.close(); sys.stderr.close()", "[no output]"),
        ("", "[no output]"),
    ],
)
def test_whatever_the_code_does_the_session_goes_on(hands: Hands, code: str, said: str) -> None:
    hands.python("kept = 'here'")
    shown = hands.python(code)
    assert shown.endswith(said), shown
    assert hands.python("print(kept)") == "here\n"
    assert not hands.workspace.observed


def test_an_interpreter_that_ends_is_told_and_another_begins(hands: Hands) -> None:
    assert hands.python("print('bye'); import os; os._exit(4)") == (
        f"bye\n[the interpreter has ended with exit code 4. {NEW_ONE}"
    )
    assert hands.python("import os; os.abort()") == f"[the interpreter has ended with exit code -6. {NEW_ONE}"
    assert hands.python("1") == "1\n"
    assert hands.workspace.observed == {"session_ended": 2}


def test_code_that_takes_too_long_is_killed_with_all_that_it_has_started(hands: Hands, sandbox: Sandbox) -> None:
    shown = hands.python("import subprocess\nprint('begun')\nsubprocess.run(['sleep', '672'])", timeout=1)
    assert shown == (
        "begun\n[not done after 1 seconds: killed, with the interpreter and all that it had started. " + NEW_ONE
    )
    assert not running(sandbox, "sleep 672")
    assert hands.python("1") == "1\n"


def test_much_output_is_cut_and_bytes_that_are_no_text_are_shown_as_such(hands: Hands) -> None:
    shown = hands.python("for n in range(100_000): print(n)")
    assert shown.startswith("0\n1\n")
    assert "bytes dropped" in shown
    assert shown.endswith("99999\n")
    assert hands.python(r"import os; os.write(1, b'\xff\0\n'); None") == "\ufffd\ufffd\n"


def test_the_shell_and_the_interpreter_share_the_files(hands: Hands) -> None:
    hands.bash("echo 'shared = 5' > module_of_mine.py")
    assert hands.python("import module_of_mine; module_of_mine.shared") == "5\n"
    assert hands.last("python")["code"].startswith("import module_of_mine")
    assert len(hands.transcript.of("spawn")) == 2
