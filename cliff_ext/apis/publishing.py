"""From a training's checkpoint to a file to hand on."""

from __future__ import annotations

from pathlib import Path

import torch

from cliff_ext.io import atomic_path, load_checkpoint, load_weights

from .estimation import build_model


def publish_weights(checkpoint: str | Path, config: str | Path, out: str | Path, half: bool = False) -> list[str]:
    """Writes the weights that a network needs in use: without the optimizer, and without layers that only train it.

    Of a training with ``EMAHook`` these are the averaged weights.

    Args:
        checkpoint: MMEngine's, of a training.
        config: Of the network in use.
        out: File to write, as ``dict(state_dict=…)``.
        half: In half precision, which :func:`cliff_ext.io.load_weights` widens again.

    Returns:
        Names of the entries that were left out.

    Raises:
        CheckpointError: The checkpoint lacks something that the network needs; nothing is written.
        FileNotFoundError: No such checkpoint or config.
        UnsafePickleError: The file asks for code.
        ValueError: The config describes no network.
    """
    model = build_model(config)
    load_weights(model, checkpoint, extra_ok=True)
    state = {name: value.half() if half and value.is_floating_point() else value
             for name, value in model.state_dict().items()}
    content = load_checkpoint(checkpoint)
    with atomic_path(Path(out)) as temporary:
        torch.save(dict(state_dict=state), temporary)
    return sorted(content.get('state_dict', content).keys() - state.keys())
