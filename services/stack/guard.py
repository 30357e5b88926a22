"""Runs a command that must not outlive the process that asked for it.

    python guard.py PARENT_PID COMMAND...

On Linux the kernel is asked to kill this process when its parent ends, however
it ends (kill -9 included), and then the command takes this process's place: no
second process, no pipe to watch, nothing that a child could forget. SIGKILL,
because a process that hangs must go as well, and because nothing is lost by it:
whatever was accepted is on disk. Elsewhere the command just runs; the stack
stops it in every case but its own kill -9.

Standard library only: it is run as a file, before any package is imported.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent and become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # The parent may have ended before the kernel was asked.
        if os.getppid() != parent:
            sys.exit("The stack that started this is gone.")
    os.execvp(command[0], command)  # noqa: S606  # no shell: the command is the stack's own


if __name__ == "__main__":
    main()
