"""Why a request gave no page: every way a download can fail, as one reason."""

from datetime import timedelta

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from core.model import Reason, Skipped


class RefusedError(IgnoreRequest):
    """tonle itself refuses to make a request, or to take its answer; retry_after is when it may be made."""

    def __init__(self, reason: Reason, detail: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.skipped = Skipped(reason, detail, retry_after)


_REASONS: tuple[tuple[type[BaseException], Reason], ...] = (
    (DownloadTimeoutError, Reason.TIMEOUT),
    (DownloadCancelledError, Reason.TOO_LARGE),
    (CannotResolveHostError, Reason.HOST_UNKNOWN),
    (UnsupportedURLSchemeError, Reason.OUTSIDE_SITE),
    (ResponseDataLossError, Reason.CONNECTION_LOST),
    (DownloadConnectionRefusedError, Reason.CONNECTION_LOST),
    (DownloadFailedError, Reason.CONNECTION_LOST),
)


def skipped_for(error: BaseException | None) -> Skipped:
    """Return the outcome of a request that ended in an error."""
    if isinstance(error, RefusedError):
        return error.skipped
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return Skipped(reason, _detail(error))
    if isinstance(error, IgnoreRequest):
        # Scrapy names these two only in the message.
        text = str(error)
        if "redirect" in text:
            return Skipped(Reason.REDIRECT_LOOP, text)
        if "decompress" in text:
            return Skipped(Reason.TOO_LARGE, text[:200])
    return Skipped(Reason.FAILED, f"{type(error).__name__}: {_detail(error)}")


def _detail(error: BaseException | None) -> str:
    return " ".join(str(error).split())[:200]
