"""Calls that may be made elsewhere: by a worker beside this process, or here and now."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

FEW = 200_000
"""Customers up to which there is memory for copies of them, and for working at them while others do."""
VERY_FEW = 50_000
"""Customers up to which there is memory for their neighbours as well."""
Given = ParamSpec("Given")
Result = TypeVar("Result")


class Aside(Protocol):
    """Makes a call and gives its result as a future, which raises what the call raised.

    The function must be one of a module, and its arguments and its result must be picklable.
    """

    def __call__(
        self, function: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Future[Result]:
        """Make the call, or have it made."""


def at_once(function: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs) -> Future[Result]:
    """Make the call here, before anything else happens."""
    future: Future[Result] = Future()
    try:
        future.set_result(function(*args, **kwargs))
    except Exception as fault:  # told to whoever asks for the result
        future.set_exception(fault)
    return future


def aside_if(
    few: bool, aside: Aside, function: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
) -> Callable[[], Result]:
    """Have a call made aside where there are `few` things to hand over; of many there is no memory for a copy: then it is made here, when its result is asked for."""
    return aside(function, *args, **kwargs).result if few else partial(function, *args, **kwargs)
