"""The error that every client of an outside service raises."""


class ExternalServiceError(Exception):
    """An outside service failed; `permanent` says whether trying again is pointless.

    `missing` is the permanent case "no such object", which for an object named by an event
    may still mean "not yet": the caller decides. `wrong_email` is the permanent case of an address
    that the service takes for none. `retry_after` is in seconds, when it was told.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        missing: bool = False,
        wrong_email: bool = False,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.missing = missing
        self.wrong_email = wrong_email
        self.retry_after = retry_after
