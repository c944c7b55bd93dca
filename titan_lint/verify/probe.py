"""Run one engine and write down what it shows.

Started as a process of its own, ``python -m titan_lint.verify.probe JOB.json``. The job names the
engine, the attention types to make it for and the file that takes one JSON line per stage. Nothing
is judged here, and nothing of the tree under check is imported anywhere else.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import socket
import statistics
import sys
import time
import traceback
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from titan_lint.verify.adapters.adapter import Adapter, CannotMakeError
from titan_lint.verify.job import DOCUMENT_LENGTHS, TAIL_LINES, Job
from titan_lint.verify.layers import attention_modules, layers_of
from titan_lint.verify.observation import (
    CELLS,
    MASKS_SHOWN,
    Documents,
    Failure,
    Group,
    Layers,
    MaskPicture,
    Observation,
    Reference,
    Same,
    Stage,
    Training,
)


class _Recorder:
    """Writes an observation whenever it enters a stage, so that a crash leaves its place behind."""

    def __init__(self, output: int, attn_type: str) -> None:
        self.output = output
        self.process = os.getpid()
        self.observation = Observation(attn_type=attn_type)
        self.entered = time.perf_counter()

    def enter(self, stage: Stage) -> None:
        self.leave()
        self.observation.stage = stage
        self.write()

    def leave(self) -> None:
        now = time.perf_counter()
        self.observation.seconds[self.observation.stage] = round(now - self.entered, 3)
        self.entered = now

    def write(self) -> None:
        if os.getpid() != self.process:
            os._exit(
                0
            )  # a copy that the engine forked came out of it: the engine's other half goes on
        left = memoryview(json.dumps(self.observation.to_json()).encode() + b"\n")
        while left:
            left = left[os.write(self.output, left) :]


def main() -> None:
    """Run the job named on the command line."""
    job = Job.load(Path(sys.argv[1]))
    rank = os.environ.get("RANK", "")
    if rank:
        job.output = f"{job.output}.{rank}"
        job.keep = f"{job.keep}.{rank}"
        job.compare = job.compare and f"{job.compare}.{rank}"
    Path(job.keep).mkdir(parents=True, exist_ok=True)
    _limit_memory(job.memory_limit)
    _act_as_single_rank()
    sys.path.insert(0, job.root)
    # Opened before anything of the engine runs, which may remove its directory.
    output = os.open(job.output, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for attn_type in job.attn_types:
        recorder = _Recorder(output, attn_type)
        try:
            _observe(job, recorder)
        except CannotMakeError as error:
            recorder.observation.not_made = str(error)
        except Exception as error:
            recorder.observation.failure = _failure(recorder.observation.stage, error)
        recorder.leave()
        recorder.observation.done = True
        recorder.write()
        if recorder.observation.failure is not None and not _device_answers():
            return  # the caller runs the other attention types in another process


def _observe(job: Job, recorder: _Recorder) -> None:
    seen = recorder.observation
    recorder.enter("import")
    torch: Any = importlib.import_module("torch")
    _prepare_torch(torch, job.device)
    adapter = _adapter(job)
    adapter.prepare()
    module = importlib.import_module(job.module)
    adapter.find(module)

    recorder.enter("make")
    try:
        expected = _expected_attention(seen.attn_type)
    except ValueError as error:
        seen.refused = _first_line(error)
        return
    if job.config_only:
        seen.config_only = True
        config = adapter.make_config(module, seen.attn_type)
        if config is not None:
            recorder.enter("layers")
            with torch.device("meta"):
                model = config.model_spec.model.build()
            seen.layers = layers_of(model, expected)
            seen.other_attention = _other_attention(adapter, seen.layers)
        return
    if job.device == "cpu":
        seen.stand_ins = _stand_in_for_cuda_kernels()
    torch.manual_seed(job.seed)
    engine = adapter.make_engine(module, seen.attn_type, job.device)

    recorder.enter("layers")
    seen.layers = layers_of(engine.model, expected)
    seen.other_attention = _other_attention(adapter, seen.layers)
    if seen.other_attention:
        return
    seen.parameters = {name: _digest(tensor) for name, tensor in _tensors(engine.model)}
    _compare_parameters(job, seen)

    recorder.enter("masks")
    batch = _Batches(torch, engine.model, job)
    seen.due = _picture(_due_mask(batch))
    masks = engine.attention_masks(batch.positions)
    seen.masks = [type(mask).__name__ for mask in _flatten(masks)]
    seen.built = _built_masks(engine.model, batch, masks)

    recorder.enter("forward")
    with torch.no_grad():
        logits = _plain(engine.forward(batch.tokens, batch.positions))
    seen.dtype = str(logits.dtype).removeprefix("torch.")
    _compare_logits(torch, job, seen, logits)

    recorder.enter("documents")
    seen.documents = _documents(torch, engine, batch, logits)

    if "VarlenAttention" in seen.layers.found and "varlen_attn" in seen.stand_ins:
        # A stand-in held against the reference, or trained, would say nothing about the kernel.
        reason = "the varlen kernel needs CUDA"
        seen.not_applicable = {"reference": reason, "train": reason}
        return

    recorder.enter("reference")
    _reference(torch, engine, batch, logits, seen)

    recorder.enter("train")
    _train(torch, engine, batch, job, seen)


def _device_answers() -> bool:
    """Whether the GPU can still be used: after an illegal access it fails whatever comes next."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return True
    try:
        torch.cuda.synchronize()
    except RuntimeError:
        return False
    return True


def _limit_memory(limit: int) -> None:
    if not limit:
        return
    try:
        import resource
    except ImportError:  # not on this platform
        return
    # Address space would be the wrong measure: CUDA and Torch reserve far more than they use.
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _act_as_single_rank() -> None:
    """Give engines that read a launcher's environment one process to live in."""
    if "RANK" in os.environ:
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ.update(
        RANK="0",
        LOCAL_RANK="0",
        WORLD_SIZE="1",
        LOCAL_WORLD_SIZE="1",
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
    )


def _prepare_torch(torch: Any, device: str) -> None:
    if device == "cpu":
        # The eager backend runs flex attention on the CPU for every model, where Inductor's own
        # kernel refuses some (a log-sum-exp is asked for), and needs no compiler.
        config: Any = importlib.import_module("torch._dynamo.config")
        if hasattr(config, "debug_backend_override"):
            config.debug_backend_override = ">=0:eager"
    else:
        # "cuda" then means this rank's own device, for engines that do not choose one.
        # Some launchers show each process one device only, as torchtitan allows for.
        only_one = torch.cuda.device_count() == 1
        torch.cuda.set_device(0 if only_one else int(os.environ["LOCAL_RANK"]))
        torch.cuda.reset_peak_memory_stats()


def _adapter(job: Job) -> Adapter:
    """What makes the engine; without an adapter of its own, what its file offers."""
    if not job.adapter:
        return Adapter(job.function, job.config)
    module: Any = importlib.import_module(f"titan_lint.verify.adapters.{job.adapter}")
    return module.Adapter(job.function, job.config)


def _other_attention(adapter: Adapter, layers: Layers) -> str:
    """Which attention a model has that could not be told which one to have; "" where it is right."""
    if adapter.takes_attention or not layers.wrong:
        return ""
    return f"nothing says which attention to make: it has {', '.join(sorted(layers.found))}"


def _expected_attention(attn_type: str) -> Any:
    """The config that the installed torchtitan builds for an attention type.

    Raises:
        ValueError: torchtitan does not offer it, or not on this device.
    """
    utilities = importlib.import_module("torchtitan.models.common.config_utils")
    return utilities.get_attention_config(attn_type)


def _stand_in_for_cuda_kernels() -> list[str]:
    from titan_lint.verify.reference import dense_varlen_attn

    attention: Any = importlib.import_module("torchtitan.models.common.attention")
    attention.varlen_attn = dense_varlen_attn
    return ["varlen_attn"]


def _flatten(masks: Any) -> list[Any]:
    """The masks in what an engine builds: one, or one per kind of layer."""
    if isinstance(masks, Mapping):
        by_kind = typing.cast("Mapping[str, Any]", masks)
        return [mask for mask in by_kind.values() if mask is not None]
    return [] if masks is None else [masks]


def _due_mask(batch: _Batches) -> Any:
    """The mask that the batch calls for, bool [length, length]."""
    from titan_lint.verify.reference import document_mask

    return document_mask(batch.positions)[0, 0]


def _built_masks(model: Any, batch: _Batches, masks: Any) -> list[MaskPicture]:
    """The masks written out. A picture decides nothing, so what cannot be written out is left."""
    pictures: list[MaskPicture] = []
    due = _due_mask(batch)
    named = typing.cast("Mapping[str, Any]", masks) if isinstance(masks, Mapping) else {"": masks}
    for name, mask in named.items():
        with contextlib.suppress(Exception):
            for label, allowed in _written_out(model, batch, mask):
                picture = _picture(allowed, due)
                picture.name, picture.kind = f"{name} {label}".strip(), type(mask).__name__
                pictures.append(picture)
    return pictures[:MASKS_SHOWN]


def _written_out(model: Any, batch: _Batches, mask: Any) -> Iterator[tuple[str, Any]]:
    """A mask, bool [length, length], for each window that the layers put on it."""
    from titan_lint.verify.reference import written_out

    # A varlen mask holds no window; each layer has its own.
    windows = {(-1, 0)}
    if not hasattr(mask, "mask_mod"):
        windows = {getattr(m, "window_size", (-1, 0)) for m in attention_modules(model).values()}
    for window in sorted(windows):
        allowed = written_out(mask, window, 1, batch.positions.shape[1], batch.device)
        yield f"window {window[0]}" if len(windows) > 1 else "", allowed[0, 0]


def _picture(allowed: Any, due: Any = None) -> MaskPicture:
    """A mask, bool [length, length], made small and held against the one that is due."""
    from titan_lint.verify.reference import in_cells

    picture = MaskPicture("", "", allowed.shape[0], in_cells(allowed.cpu(), CELLS))
    if due is not None:
        picture.beyond = int((allowed & ~due).sum())
        picture.short = int((due & ~allowed).sum())
    return picture


def _tensors(model: Any) -> Iterator[tuple[str, Any]]:
    yield from model.named_parameters()
    yield from model.named_buffers()


def _plain(tensor: Any) -> Any:
    """A distributed tensor gathered; any other as it is."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


def _local(tensor: Any) -> Any:
    return tensor.to_local() if hasattr(tensor, "to_local") else tensor


def _digest(tensor: Any) -> str:
    import torch

    local = _local(tensor.detach()).cpu().contiguous()
    return hashlib.sha256(local.reshape(-1).view(torch.uint8).numpy()).hexdigest()


class _Batches:
    """Token batches of two packed documents, equal for equal seeds."""

    def __init__(self, torch: Any, model: Any, job: Job) -> None:
        first, second = DOCUMENT_LENGTHS
        self.split = first
        vocabulary = _vocabulary(model)
        generator = torch.Generator().manual_seed(job.seed)

        def draw(rows: int, length: int) -> Any:
            return torch.randint(vocabulary, (rows, length), generator=generator).to(job.device)

        self.device = job.device
        self.first, self.second = draw(1, first), draw(1, second)
        self.other_first, self.other_second = draw(1, first), draw(1, second)
        self.tokens = torch.cat([self.first, self.second], dim=1)
        self.positions = self.positions_of(torch, first, second)
        rows = 4 if job.device == "cuda" else 1
        self.train_tokens = draw(rows, first + second)
        self.train_labels = torch.roll(self.train_tokens, shifts=-1, dims=1)
        self.train_positions = self.positions.expand(rows, -1).contiguous()

    def positions_of(self, torch: Any, *lengths: int) -> Any:
        """Positions of documents of these lengths, packed: int64 [1, sum of lengths]."""
        return torch.cat([torch.arange(n, device=self.device) for n in lengths])[None]


def _vocabulary(model: Any) -> int:
    embeddings = getattr(model, "tok_embeddings", None)
    if embeddings is not None:
        return int(embeddings.weight.shape[0])
    return int(model.config.vocab_size)


def _documents(torch: Any, engine: Any, batch: _Batches, logits: Any) -> Documents:
    from titan_lint.verify.reference import DenseReference, NoReferenceError, relative_error

    def run(first: Any, second: Any) -> Any:
        positions = batch.positions_of(torch, first.shape[1], second.shape[1])
        with torch.no_grad():
            return _plain(engine.forward(torch.cat([first, second], dim=1), positions))

    split, back = batch.split, batch.second.shape[1]
    first_changed = run(batch.other_first, batch.second)
    second_changed = run(batch.first, batch.other_second)
    swapped = run(batch.second, batch.first)
    unmasked: float | None = None
    with contextlib.suppress(NoReferenceError):
        dense = DenseReference(attention_modules(engine.model))
        with dense.unmasked(split + back):
            unmasked = relative_error(
                run(batch.other_first, batch.second)[:, split:],
                run(batch.first, batch.second)[:, split:],
            )
    influence = [
        [
            relative_error(changed[:, :split], logits[:, :split]),
            relative_error(changed[:, split:], logits[:, split:]),
        ]
        for changed in (first_changed, second_changed)
    ]
    return Documents(
        leak=max(influence[0][1], influence[1][0]),
        effect=min(influence[0][0], influence[1][1]),
        order=max(
            relative_error(swapped[:, back:], logits[:, :split]),
            relative_error(swapped[:, :back], logits[:, split:]),
        ),
        unmasked=unmasked,
        influence=influence,
    )


def _compare_parameters(job: Job, seen: Observation) -> None:
    """Keep this run's parameters, or hold them against a run that kept its own."""
    assert seen.layers is not None
    kept = {"found": seen.layers.found, "parameters": seen.parameters}
    name = f"{seen.attn_type}.json"
    Path(job.keep, name).write_text(json.dumps(kept), encoding="utf-8")
    if not job.compare or not Path(job.compare, name).exists():
        return
    earlier = json.loads(Path(job.compare, name).read_text(encoding="utf-8"))
    names = seen.parameters.keys() | earlier["parameters"].keys()
    seen.same = Same(
        parameters=sorted(
            name for name in names if seen.parameters.get(name) != earlier["parameters"].get(name)
        ),
        attention_changed=earlier["found"] != seen.layers.found,
    )


def _compare_logits(torch: Any, job: Job, seen: Observation, logits: Any) -> None:
    """The same for logits, which can be compared only where the attention is the same."""
    from titan_lint.verify.reference import relative_error

    name = f"{seen.attn_type}.pt"
    torch.save(logits.cpu(), Path(job.keep, name))
    if seen.same is None or seen.same.attention_changed or not Path(job.compare, name).exists():
        return
    before, after = torch.load(Path(job.compare, name), weights_only=True), logits.cpu()
    seen.same.logits_equal = bool(torch.equal(before, after))
    seen.same.logits_error = relative_error(after, before)


def _reference(torch: Any, engine: Any, batch: _Batches, logits: Any, seen: Observation) -> None:
    from titan_lint.verify.reference import DenseReference, NoReferenceError, relative_error

    reference = DenseReference(attention_modules(engine.model))
    try:
        with torch.no_grad():
            with reference.comparing(batch.positions):
                engine.forward(batch.tokens, batch.positions)
            with reference.replacing(batch.positions):
                dense_logits = _plain(engine.forward(batch.tokens, batch.positions))
    except NoReferenceError as error:
        seen.not_applicable["reference"] = f"no dense reference for this attention: {error}"
        return
    if reference.errors:
        layer = max(reference.errors, key=reference.errors.__getitem__)
        error = relative_error(logits, dense_logits)
        seen.reference = Reference(reference.errors[layer], layer, error)


def _train(torch: Any, engine: Any, batch: _Batches, job: Job, seen: Observation) -> None:
    trainable = {n: p for n, p in engine.model.named_parameters() if p.requires_grad}
    bad: set[str] = set()
    reached: set[str] = set()

    def watch(name: str) -> Any:
        def hook(parameter: Any) -> None:
            reached.add(name)
            if not bool(torch.isfinite(_local(parameter.grad)).all()):
                bad.add(name)

        return hook

    handles = [p.register_post_accumulate_grad_hook(watch(n)) for n, p in trainable.items()]
    losses: list[float] = []
    seconds: list[float] = []
    try:
        for _ in range(job.steps):
            start = time.perf_counter()
            loss = engine.step(batch.train_tokens, batch.train_positions, batch.train_labels)
            losses.append(float(loss))
            seconds.append(time.perf_counter() - start)
    except NotImplementedError as error:
        if job.device != "cpu":
            raise
        seen.not_applicable["train"] = _first_line(error).partition(". ")[0]
        return
    finally:
        for handle in handles:
            handle.remove()
    later = seconds[len(seconds) // 2 :]
    seen.training = Training(
        losses=losses,
        bad_gradients=sorted(bad),
        no_gradient=sorted(set(trainable) - reached),
        groups=_groups(getattr(engine, "optimizers", ())),
        configured=_configured(getattr(engine, "optimizer_settings", ())),
        trainable=sum(p.numel() for p in trainable.values()),
        tokens_per_second=batch.train_tokens.numel() / statistics.median(later),
        peak_memory=torch.cuda.max_memory_allocated() if job.device == "cuda" else 0,
    )


def _groups(optimizers: Any) -> list[Group]:
    return [
        Group(
            name=type(optimizer).__name__,
            # A schedule has changed "lr" by now; it keeps the configured one beside it.
            lr=float(group.get("initial_lr", group["lr"])),
            betas=tuple(group["betas"]),
            eps=float(group["eps"]),
            weight_decay=float(group["weight_decay"]),
            parameters=sum(p.numel() for p in group["params"]),
        )
        for optimizer in optimizers
        for group in optimizer.param_groups
    ]


def _configured(settings: Any) -> list[Group]:
    several = isinstance(settings, Sequence)
    each = typing.cast("Sequence[Any]", settings) if several else [settings]
    return [
        Group(
            name=one.name,
            lr=float(one.lr),
            betas=tuple(one.betas),
            eps=float(one.eps),
            weight_decay=float(one.weight_decay),
        )
        for one in each
    ]


def _failure(stage: Stage, error: Exception) -> Failure:
    lines = traceback.format_exception(error)
    tail = "".join(lines).rstrip().splitlines()[-TAIL_LINES:]
    return Failure(stage, type(error).__name__, _first_line(error), "\n".join(tail))


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:400] if text else ""


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
