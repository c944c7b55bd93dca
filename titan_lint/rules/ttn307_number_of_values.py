"""TTN307 number-of-values."""

from __future__ import annotations

import ast

from titan_lint.api import hints
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.calls import certain, live_call, sites
from titan_lint.uses.guards import live
from titan_lint.uses.overrides import brought, miscounted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api import Function
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


class NumberOfValues(Rule):
    """A tuple is unpacked into another number of names than it has values at the target.

    ## What it does
    Finds both directions: results of torchtitan's functions and methods that the file unpacks, held against
    the length of the tuple that the target declares (`tuple[A, B, C]`); and tuples that an override, a
    callback or a function in the place of torchtitan's returns, held against how the target's own code unpacks them.
    As TTN306, it is silent where something replaces what makes the call, or the project calls it itself.

    ## Why is this bad?
    Python raises `ValueError`. `post_dataloading_process` returned four values up to 2026-06-10, and three
    since.

    ## Fix safety
    There is no fix: what a value more or less means, nobody but the author knows.
    """

    sources = (
        Citation(
            "post_dataloading_process returns three values",
            "pytorch/torchtitan fd712e814",
            "2026-06-10",
        ),
    )
    bad = (
        Example(
            about="three values since",
            code="""\
from torchtitan.train import Trainer


class TuneTrainer(Trainer):
    def inputs(self, input_dict, labels):
        inputs, labels, extra_inputs, extra_kwargs = super().post_dataloading_process(
            input_dict, labels
        )
        return {**inputs, **extra_inputs}
""",
        ),
        Example(
            about="an override that returns as many as it used to",
            code="""\
from torchtitan.train import Trainer


class TuneTrainer(Trainer):
    def post_dataloading_process(self, input_dict, labels):
        return input_dict["input"], labels, {}, {}
""",
        ),
    )
    good = (
        Example(
            about="as many as there are",
            code="""\
from torchtitan.train import Trainer


class TuneTrainer(Trainer):
    def post_dataloading_process(self, input_dict, labels):
        inputs, labels, extra_kwargs = super().post_dataloading_process(input_dict, labels)
        return inputs, labels, extra_kwargs
""",
        ),
        Example(
            about="what unpacks it is replaced, too",
            code="""\
from torchtitan.train import Trainer


class TuneTrainer(Trainer):
    def post_dataloading_process(self, input_dict, labels):
        return input_dict["input"], labels, {}, {}

    def forward_backward_step(self, *, input_dict, labels, global_valid_tokens):
        inputs, labels, more, rest = self.post_dataloading_process(input_dict, labels)
        return self.loss(inputs, labels, **more, **rest)
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for found in file.once(brought):
            for value, length, number in miscounted(file, found):
                if live(file, value, ValueError):
                    yield Report(
                        value,
                        f"this returns {length} values, and {file.target.label} unpacks {number}",
                        key=(found.shown, str(length), str(number)),
                        notes=(f"`{found.shown}` is unpacked into {number} names there",),
                        help=f"Return {number} values",
                    )
        for site in file.once(sites):
            names = _unpacked(file, site)
            if names and _differs(file, site, len(names)) and live_call(file, site, ValueError):
                number = length_of(site.callees[0].function)
                yield Report(
                    site.call,
                    f"`{site.shown}` returns {number} values at {file.target.label}, not {len(names)}",
                    key=(site.shown, str(number), str(len(names))),
                    help=f"Unpack {number} values",
                )


def _unpacked(file: File, site: Site) -> list[ast.expr]:
    """The names that what a call returns is unpacked into; none where it is not, or into any number."""
    match file.program.parents[site.call]:
        case ast.Assign(targets=[ast.Tuple(elts=names) | ast.List(elts=names)], value=value) if (
            value is site.call and not any(isinstance(name, ast.Starred) for name in names)
        ):
            return names
        case _:
            return []


def _differs(file: File, site: Site, number: int) -> bool:
    """Whether all that a call may call returns as many values as each other, and not ``number``."""
    lengths = {length_of(callee.function) for callee in site.callees}
    return len(lengths) == 1 and certain(
        file, site, lambda function: length_of(function) not in (None, number)
    )


def length_of(function: Function) -> int | None:
    """The length of the tuple that a function declares to return; ``None`` where it declares none, or any."""
    tree = hints.expression(function.annotation) if function.annotation else None
    match tree:
        case ast.Subscript(value=ast.Name(id="tuple" | "Tuple"), slice=ast.Tuple(elts=items)) if (
            not function.is_async
            and not any(
                isinstance(item, ast.Starred | ast.Constant) and ast.unparse(item) != "None"
                for item in items
            )
        ):
            return len(items)
        case _:
            return None
