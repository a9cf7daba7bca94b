"""Commands from files, pipes and the command line; `python -m autograd`; exit statuses."""

import io
import re
import subprocess
import sys

import pytest

import autograd
from autograd.debugger.terminal.input import Lines

ANOMALY = """\
import autograd, sys
from autograd import Value, log
def network(x):
    hidden = x - 2.0
    return log(hidden) * 3
autograd.zero = 0
y = network(Value(float(sys.argv[1]) if sys.argv[1:] else 1.0, "x"))
print("not reached" if not sys.argv[1:] else "fine")
"""


def test_a_piped_script_of_commands(run, script):
    done = run(script, "an argument", stdin="step\n# a comment\n\ngoto end\nfinish\nquit\nstep\n")
    assert done.returncode == 0
    assert "(chain) step\n[1/" in done.stdout
    assert "after: True" in done.stdout
    assert done.stdout.rstrip().endswith("['an argument']")
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_the_end_of_the_pipe_leaves(run, script):
    done = run(script, stdin="step\nstep")
    assert done.returncode == 0
    assert "left at 2 of " in done.stdout
    assert "after: False 0.0" in done.stdout


def test_a_failing_command_ends_the_program_with_status_1(run, script):
    done = run(script, stdin="step\nfrobnicate\nfinish\n")
    assert done.returncode == 1
    assert done.stderr.startswith("error: there is no command 'frobnicate'")
    assert "Traceback" not in done.stderr
    assert "after" not in done.stdout


def test_kill_ends_the_program(run, script):
    done = run(script, stdin="kill\n")
    assert (done.returncode, done.stderr) == (1, "")
    assert "after" not in done.stdout


def test_what_cannot_be_decoded_is_an_error(tmp_path, environment, script):
    done = subprocess.run(
        [sys.executable, script], input=b"step\n\xff\xfe\n", capture_output=True,
        env={**environment, "PYTHONIOENCODING": "utf-8:strict"}, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert b"cannot read commands from standard input" in done.stderr


def test_an_ascii_pipe(run, script):
    done = run(
        script, stdin="goto end\nexplain w\nfinish\n", PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "dloss/dw" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_reader_that_leaves(environment, script):
    done = subprocess.run(
        f"(for i in $(seq 3000); do echo help; done) | '{sys.executable}' '{script}' | head -2",
        shell=True, capture_output=True, env=environment, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("start of loss")
    assert done.stderr == ""


def test_python_m_autograd_runs_a_script_with_commands(run, script, tmp_path):
    file = tmp_path / "commands.txt"
    file.write_text("step 2\nprint z\n")
    done = run(
        "-m", "autograd", "-x", file, "-c", "goto end", "-c", "finish", script, "--flag", "-c"
    )
    assert done.returncode == 0, done.stderr
    assert "(chain) print z\nv4 z" in done.stdout
    assert "script.py:8 in <module>" in done.stdout
    assert done.stdout.rstrip().endswith("['--flag', '-c']")


def test_an_anomaly_opens_the_shell_where_it_happened(run, tmp_path):
    file = tmp_path / "bad.py"
    file.write_text(ANOMALY)
    done = run("-m", "autograd", file, stdin="where\nprint hidden\nprint x\nwhy x\n")
    assert done.returncode == 1
    assert "anomaly; the shell is where it happened" in done.stdout
    assert "forward  v3 = log(hidden)" in done.stdout
    assert "(chain) print hidden\nv2 hidden = x - 2.0" in done.stdout
    assert "autograd.errors.AnomalyError: log gave nan" in done.stderr
    assert "runpy" not in done.stderr
    assert "observers.py" not in done.stderr
    for anomaly in ("off", "inf"):
        fine = run("-m", "autograd", "--anomaly", anomaly, file)
        assert (fine.returncode, fine.stdout) == (0, "not reached\n")
    fine = run("-m", "autograd", file, "5.0")
    assert (fine.returncode, fine.stdout) == (0, "fine\n")


@pytest.mark.parametrize(
    ("source", "status", "error"),
    [
        ("import sys; sys.exit(3)", 3, ""), ("1 / 0", 1, "ZeroDivisionError"),
        ("x = (", 1, "SyntaxError"), ("raise SystemExit('bye')", 1, "bye"),
        ("import sys; assert sys.path[0] == sys.argv[1]", 0, ""),
    ],
)  # fmt: skip
def test_a_script_ends_as_under_python(run, tmp_path, source, status, error):
    file = tmp_path / "program.py"
    file.write_text(source)
    done = run("-m", "autograd", file, tmp_path)
    assert done.returncode == status, done.stderr
    assert error in done.stderr
    assert "runpy" not in done.stderr


def test_what_the_command_line_cannot_do(run, tmp_path):
    done = run("-m", "autograd", "nowhere.py")
    assert (done.returncode, done.stderr) == (
        2,
        "python -m autograd: there is no file 'nowhere.py'\n",
    )
    done = run("-m", "autograd", "-x", "nowhere.txt", "nowhere.py")
    assert done.returncode == 1
    assert "cannot read nowhere.txt" in done.stderr
    assert run("-m", "autograd", "--bad").returncode == 2
    assert "0.1.0" in run("-m", "autograd", "--version").stdout
    assert "usage: python -m autograd" in run("-m", "autograd", "--help").stdout


def test_a_program_through_a_pipe(run):
    done = run("-m", "autograd", stdin="x = Value(2.0, 'x')\ny = x * x\nprint(origin(y).line)\n")
    assert (done.returncode, done.stdout) == (0, "<stdin>:2\n"), done.stderr
    failed = run("-m", "autograd", stdin="1 / 0\n")
    assert failed.returncode == 1
    assert "ZeroDivisionError" in failed.stderr
    ended = run("-m", "autograd", stdin="raise SystemExit(7)\n")
    assert ended.returncode == 7
    given = run("-m", "autograd", "-c", "step", "-c", "quit", stdin="debug(Value(2.0, 'x') * 3)\n")
    assert given.returncode == 0, given.stderr
    assert "v2 = x * 3.0" in given.stdout


def test_without_standard_input_the_error_says_what_to_do(network, monkeypatch):
    for nothing in (None, closed()):
        monkeypatch.setattr(sys, "stdin", nothing)
        with pytest.raises(OSError, match=r"pass them as commands=\[...\]"):
            autograd.debug(network.loss)


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


def test_under_pytest_that_captures(network, capsys):
    if sys.stdin.isatty():
        pytest.skip("pytest does not capture")
    with pytest.raises(OSError, match="pytest does with -s"):
        autograd.debug(network.loss)
    assert not network.w1.has_grad


def test_stdin_that_is_closed_in_a_program(run, script):
    done = run("-c", "import sys; sys.stdin.close(); exec(open('script.py').read())")
    assert done.returncode == 1
    assert "it is closed" in done.stderr


def test_commands_of_the_wrong_kind(network, tmp_path):
    with pytest.raises(OSError, match=r"file 'step': .*; for commands themselves pass a list"):
        autograd.debug(network.loss, commands="step")
    with pytest.raises(TypeError, match=r"a command of debug\(\) is a string, got int 1"):
        autograd.debug(network.loss, commands=[1])
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(OSError, match="cannot read commands"):
        autograd.debug(network.loss, commands=tmp_path / "latin")


def test_what_is_no_value(network):
    with pytest.raises(TypeError, match=r"debug\(\) takes a Value, got float 3.0"):
        autograd.debug(3.0, commands=[])
    with pytest.raises(TypeError, match=r"got (ndarray|ValueArray)"):
        autograd.debug(autograd.array([1.0, 2.0]), commands=[])
    with pytest.raises(ValueError, match="constant"), autograd.no_grad():
        autograd.debug(network.w1 * 2, commands=[])


def test_commands_of_a_file_and_what_one_shell_leaves(network, tmp_path, capsys):
    file = tmp_path / "commands"
    file.write_text("step\r\nquit\r\n")
    autograd.debug(network.loss, commands=file)
    assert "(chain) step\n[1/18]" in capsys.readouterr().out
    lines = Lines(iter(["quit", "step"]))
    autograd.debug(network.loss, commands=lines)
    autograd.debug(network.loss, commands=lines)
    assert capsys.readouterr().out.count("[1/18]") == 1


def test_an_input_of_another_kind_is_typed(network, monkeypatch, capsys):
    typed = iter(["step", "quit"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(typed))
    autograd.debug(network.loss)
    assert "[1/18]" in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["readline", "rich"])
def test_what_need_not_be_installed(run, script, tmp_path, missing):
    (tmp_path / "stubs").mkdir()
    (tmp_path / "stubs" / f"{missing}.py").write_text("raise ImportError('hidden')\n")
    code = "import sys; sys.path.insert(0, 'stubs'); import runpy; runpy.run_path('script.py')"
    done = run("-c", code, stdin="step\nfinish\n")
    assert done.returncode == 0, done.stderr
    assert "after: True" in done.stdout


def test_neither_rich_nor_ipython_is_loaded_in_a_pipe(run):
    code = (
        "import sys, autograd\n"
        "autograd.debug(autograd.Value(2.0, 'x') * 3, commands=['step', 'list', 'help'])\n"
        "print([m for m in ('rich', 'IPython', 'readline', 'viz') if m in sys.modules])"
    )
    assert run("-c", code).stdout.endswith("[]\n")


def test_every_line_of_a_pipe_fits_80_columns(run, script):
    every = (
        "help\nhelp break\ns\nlist\nwhy w\nexplain w\nsource\ninfo\ninfo leaves\ngoto end\nwhere\n"
    )
    done = run(script, stdin=every)
    assert done.returncode == 0
    assert max(map(len, done.stdout.split("\n"))) <= 80
    assert not re.search(r"[ \t]+$", done.stdout, re.MULTILINE)


def test_a_terminal_that_is_gone_leaves(network, monkeypatch, capsys):
    def gone(prompt):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("builtins.input", gone)
    autograd.debug(network.loss)
    assert "no gradient was written" in capsys.readouterr().out
