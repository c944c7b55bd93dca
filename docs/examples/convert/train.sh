#!/bin/bash
set -e

torchrun --nproc_per_node 8 -m torchtitan.train \
    --job.config_file my_8b.toml \
    --job.dump_folder "$RUNS/8b" \
    --profiling.enable_profiling \
    --training.seed 42 \
    --training.dataloader.num_workers 2 \
    --optimizer.lr 1e-4 "$@"
