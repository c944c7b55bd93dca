"""A small engine on torchtitan 0.2.2: llama3 on one device."""

import torch
from torchtitan.distributed import ParallelDims
from torchtitan.models.attention import create_attention_mask, get_causal_mask_mod
from torchtitan.models.llama3 import Transformer
from torchtitan.protocols.train_spec import get_train_spec


class Engine:
    def __init__(self) -> None:
        self.parallel_dims = ParallelDims(
            dp_replicate=1, dp_shard=1, cp=1, tp=1, pp=1, ep=1, etp=1, world_size=1
        )
        self.config = get_train_spec("llama3").model_args["debugmodel_flex_attn"]
        self.model = Transformer(self.config)
        with torch.no_grad():
            self.model.init_weights()

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        length = tokens.shape[1]
        masks = create_attention_mask(get_causal_mask_mod(), 1, None, length, length)
        return self.model(tokens, attention_masks=masks)

    def layers(self) -> int:
        return self.config.n_layers
