"""How a --help looks: its purpose, how it is called, and examples."""

from copy import copy
from typing import Any

from typer.core import TyperCommand, TyperGroup


class Command(TyperCommand):
    """A command whose --help begins with its purpose and ends with its examples."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the --help."""
        _print_purpose(self.help)
        TyperCommand.format_help(_without_texts(self, ctx), ctx, formatter)
        _print_examples(self.epilog)


class Group(TyperGroup):
    """The whole tool, whose --help begins and ends as a command's does."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the --help."""
        _print_purpose(self.help)
        TyperGroup.format_help(_without_texts(self, ctx), ctx, formatter)
        _print_examples(self.epilog)


def _without_texts(command: Any, ctx: Any) -> Any:
    """Return the command without its own texts, and with flags that do not say that they are true or false."""
    plain = copy(command)
    plain.help = plain.epilog = None
    for param in plain.get_params(ctx):
        if getattr(param, "is_flag", False):
            param.metavar = ""
    return plain


def _print_purpose(purpose: str | None) -> None:
    from rich.console import Console

    Console().print(purpose, style="bold", markup=False, highlight=False)


def _print_examples(examples: str | None) -> None:
    from rich.console import Console

    lines = (examples or "").splitlines()
    console = Console(highlight=False)
    console.print("Example:" if len(lines) == 1 else "Examples:", style="bold")
    for line in lines:
        console.print(f"  {line}", markup=False, soft_wrap=True)
