"""What producers check and consumers do not: lengths, and codes of lists that grow.

A producer makes an event closed: it may hold only known fields, listed codes, and no more than fits. A consumer reads
open: an unknown field is left out, an unlisted code is kept as it is and treated as any other (docs/decisions/0010).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema, to_json

OPEN: Mapping[str, bool] = {"open": True}
"""Context of validation with which a consumer reads."""


def reads_open(info: ValidationInfo) -> bool:
    """Whether a consumer is reading, rather than a producer writing."""
    return bool(info.context and info.context.get("open"))


@dataclass(frozen=True, eq=False, slots=True)
class CodeList:
    """A list of codes that grows: a new code keeps the version of the event."""

    source: str
    """Law, register or practice that the codes come from."""
    codes: Mapping[str, str]
    """Code → its meaning in Dutch."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "x-codes": dict(self.codes), "x-source": self.source}

    def _check(self, code: str, info: ValidationInfo) -> str:
        if code not in self.codes and not reads_open(info):
            raise PydanticCustomError(
                "unlisted_code", "Input should be one of {codes}", {"codes": ", ".join(self.codes)}
            )
        return code


@dataclass(frozen=True, slots=True)
class AtMost:
    """The longest text, or the most entries, that a producer may send."""

    length: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        found = handler(schema)
        word = {"array": "maxItems", "object": "maxProperties"}.get(found.get("type", ""), "maxLength")
        return {**found, word: self.length, "x-limit": "producer"}

    def _check(self, value: Any, info: ValidationInfo) -> Any:
        if len(value) > self.length and not reads_open(info):
            raise PydanticCustomError("too_long", "Input should have at most {length} entries", {"length": self.length})
        return value


@dataclass(frozen=True, slots=True)
class AtMostBytes:
    """The most room that a value may take in an event, as JSON."""

    length: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "x-max-bytes": self.length}

    def hold(self, value: Any) -> bool:
        """Whether this value fits."""
        return len(to_json(value)) <= self.length

    def _check(self, value: Any, info: ValidationInfo) -> Any:
        if not reads_open(info) and not self.hold(value):
            raise PydanticCustomError("too_large", "Input should take at most {length} bytes", {"length": self.length})
        return value
