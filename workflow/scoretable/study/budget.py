"""The hours of a study: when no further run may begin, and what is kept for the confirmation."""

from dataclasses import dataclass

HOUR = 3600.0  # seconds


class BudgetSpent(Exception):
    """The hours are over; the same command goes on."""


class ChoosingEnded(BudgetSpent):
    """What is left of the hours is for the confirmation."""


@dataclass
class Budget:
    """The hours of one call of the command, None without a limit. spent: seconds that its runs have taken."""

    hours: float | None = None
    spent: float = 0.0

    def check(self, expected: float = 0.0, reserved: float = 0.0) -> None:
        """Raise BudgetSpent where the hours are over, and ChoosingEnded where the next run would use up what is kept.

        expected: seconds that the next run may take; reserved: seconds that the confirmation may take. Nothing is kept
        where that does not fit into the hours of a whole call, since the study would never get on.
        """
        if self.hours is None:
            return
        limit = HOUR * self.hours
        if self.spent >= limit:
            raise BudgetSpent
        if reserved and expected + reserved <= limit < self.spent + expected + reserved:
            raise ChoosingEnded
