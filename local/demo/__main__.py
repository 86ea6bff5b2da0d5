"""Command line of the demo.

Exit code 0 when all went as told; 1 when something did not come, which is then named; 2 for wrong arguments;
130 after Ctrl-C and 143 after SIGTERM. Nothing is left running in any case.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """Somebody asked the demo to end. Not an Exception: nothing on the way may take it for a trouble."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


def main(arguments: Sequence[str]) -> int:
    """Run it; return the exit code."""
    began = time.monotonic()
    for number in SIGNALS:
        signal.signal(number, _stop)
    try:
        return _run(arguments, began)
    except Stopped as stopped:
        print("stopped", flush=True)
        return stopped.exit_code
    except BrokenPipeError:
        # Whoever read us has enough: `make demo | head`. What is still to be flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _stop(number: int, _: FrameType | None) -> None:
    """Leave by an exception, so that everything is stopped on the way; a second Ctrl-C cannot cut that short."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


def _run(arguments: Sequence[str], began: float) -> int:
    """Import what takes a while only now, when Ctrl-C is answered in one word already."""
    import argparse
    from pathlib import Path

    from local.azurite import AzuriteMissing
    from local.demo import people
    from local.demo.night import play_night
    from local.demo.page import Mood, Page
    from local.demo.picture import Picture
    from local.demo.play import play
    from local.demo.serve import serve
    from local.demo.story import Missing
    from local.processes import ChildFailed
    from local.stack import PartFailed

    parser = argparse.ArgumentParser(
        prog="python -m local.demo", description="Play the main job, a release that becomes a deployment, step by step."
    )
    parser.add_argument("--night", action="store_true", help="play one night in a minute, on a clock that is moved")
    parser.add_argument("--from-chapter", metavar="N", type=int, help="play the night quickly, as chapters from N on")
    parser.add_argument("--in-colour", action="store_true", help="colour what goes to a terminal by way of a pipe")
    parser.add_argument("--serve", action="store_true", help="keep the parts running until Ctrl-C instead")
    parser.add_argument("--say", metavar="COMMAND", help="let mona type a command in the Slack of a demo that serves")
    parser.add_argument("--to", metavar="URL", default="http://127.0.0.1:7071", help="where its app is (%(default)s)")
    parser.add_argument("--picture", metavar="FILE", type=Path, help="play slowly and draw what Slack shows, as SVG")
    options = parser.parse_args(arguments)
    picture = Picture(options.picture) if options.picture is not None else None
    page = Page(began, passed_on=options.in_colour)
    try:
        if options.say is not None:
            return people.say(page, options.to, options.say)
        if options.serve:
            serve(page)
        elif options.night:
            play_night(page, options.from_chapter)
        else:
            play(page, picture)
        if picture is not None:
            picture.save()
    except (Missing, PartFailed, ChildFailed, AzuriteMissing) as trouble:
        page.say()
        page.say(str(trouble), Mood.BAD)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
