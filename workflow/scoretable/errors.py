"""The error that a user can mend."""


class InputError(Exception):
    """Something the user gave cannot be used.

    The message is one sentence: what is wrong, where, and what to do about it. The command line shows it
    without a traceback and exits with status 1.
    """
