import subprocess
import sys

HEAVY = (
    "neo4j",
    "numpy",
    "networkx",
    "scipy",
    "httpx",
    "graphtwin.app",
    "graphtwin.store",
    "graphtwin.model.configuration.twin",
)


def test_help_and_a_mistyped_command_do_not_wait_for_what_only_a_running_command_needs():
    for given, code in (["--help"], 0), (["--version"], 0), (["snapshot", "--no-such-option"], 2):
        program = f"import sys; from graphtwin.cli import run; assert run({given}) == {code}; print(*sys.modules)"

        ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

        loaded = ended.stdout.splitlines()[-1].split()
        assert not set(loaded) & set(HEAVY)
