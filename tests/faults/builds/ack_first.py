"""A batch is acknowledged to Kafka before it is handled: FastStream's own default."""

from faststream import AckPolicy

from shared.messaging import broker


class AckFirst:
    """Every policy is the wrong one."""

    def __getattr__(self, _: str) -> AckPolicy:
        return AckPolicy.ACK_FIRST


setattr(broker, "AckPolicy", AckFirst())  # noqa: B010  the checker of types knows that the name is not exported
