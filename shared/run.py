"""``python -m shared.run SERVICE``: one service as one process, until SIGTERM or SIGINT."""

import os
import sys
import warnings

# ADR 0001 knows that eventlet is retiring and names the way out; the log need not say it at each start.
warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")

# Only these look up strangers' names; for the others eventlet's own resolver is 16 MB of ballast.
if {"intake", "notify"}.isdisjoint(sys.argv):
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
# Each of its threads holds buffers; our matrices are small.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

sys.modules["rich"] = None  # type: ignore[assignment]  # structlog's paint for terminals, 4 MB; we log JSON

from functools import partial  # noqa: E402

import eventlet  # noqa: E402

eventlet.monkey_patch()
# By eventlet's default a second process may listen at the same port, and callers get one or the other.
eventlet.listen = partial(eventlet.listen, reuse_port=False)

from psycogreen.eventlet import patch_psycopg  # noqa: E402

patch_psycopg()

import argparse  # noqa: E402
import ctypes  # noqa: E402
import signal  # noqa: E402
from typing import Any  # noqa: E402

from nameko.containers import ServiceContainer  # noqa: E402

from shared import logs  # noqa: E402
from shared.config import SERVICES, Misconfigured, Settings  # noqa: E402
from shared.service import service_class_of  # noqa: E402

# Of <malloc.h>: at most one arena, trim above 128 KiB, blocks from 256 KiB mapped by themselves.
_MALLOC = ((-8, 1), (-1, 128 * 1024), (-3, 256 * 1024))


def serve(service_class: type, settings: Settings) -> None:
    """Run the service here until a signal stops it."""
    logs.configure(settings.service, settings.secret("AVARIYKA_LOG_LEVEL", "INFO"))
    running = ServiceContainer(service_class, nameko_config(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: eventlet.spawn_n(_stop, running, settings.stop_within_s))
    try:
        running.start()
    except OSError as refused:
        sys.exit(f"{settings.service} did not start at {settings.bind}: {refused!r}")
    logs.get_logger(__name__).info("service_started", bind=settings.bind, pid=os.getpid())
    running.wait()


def nameko_config(settings: Settings) -> dict[str, Any]:
    return {
        "AMQP_URI": settings.amqp_uri,
        "WEB_SERVER_ADDRESS": settings.bind,
        "HEARTBEAT": 10,
        "max_workers": settings.workers,
        "settings": settings,
    }


def be_frugal() -> None:
    """Have glibc give back what reading a city or a map once needed; it would keep that for ever."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for parameter, value in _MALLOC:
            libc.mallopt(parameter, value)


def main() -> None:
    be_frugal()
    parser = argparse.ArgumentParser(prog="python -m shared.run", description=__doc__)
    parser.add_argument("service", choices=SERVICES)
    service = parser.parse_args().service
    service_class, settings = service_class_of(service), Settings.load(service)
    try:
        service_class.wiring.sealer_of(settings)
    except Misconfigured as mistake:
        sys.exit(f"{service}: {mistake}")
    serve(service_class, settings)


def _stop(running: ServiceContainer, within_s: float) -> None:
    """Finish what is in hand, but leave after some seconds: what is not acknowledged comes again."""
    try:
        with eventlet.Timeout(within_s, False):
            running.stop()
    finally:
        os._exit(0)  # nameko's stop raises if it comes before every consumer has started


if __name__ == "__main__":
    main()
