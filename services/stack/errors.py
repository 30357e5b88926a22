"""Why a stack cannot run here."""


class StackError(Exception):
    """Expected: something on this machine is in the way.

    The message is one sentence of what is wrong and one of what to do.
    """
