"""What stands in addresses, in its one writing: a page that answers to many is kept as often."""


class NumberConverter:
    """A number from 1, of nine digits at most, as it is written: `7`, and neither `07` nor `0`."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)
