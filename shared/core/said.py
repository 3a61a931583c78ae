"""A sentence in English that keeps what it was made of, so that a page can say it in another language."""

from collections.abc import Callable


class Said(str):
    """The sentence itself, in English, with the message and the values it was made from."""

    message: str
    values: dict[str, object]

    def __new__(cls, message: str, **values: object) -> "Said":
        found = super().__new__(cls, message % values if values else message)
        found.message, found.values = message, values
        return found


def marked(message: str, **values: object) -> Said:
    """A message for the catalogue, filled in. A value may be such a sentence itself."""
    return Said(message, **values)


def translated(text: str, translate: Callable[..., str]) -> str:
    """The sentence in the language of `translate`; what was not made from a message stays as it is."""
    if not isinstance(text, Said):
        return text
    values = {
        name: translated(value, translate) if isinstance(value, str) else value for name, value in text.values.items()
    }
    return translate(text.message, **values)
