import inspect

from torchtitan.models.llama3 import model_registry

if "attn_backend" in inspect.signature(model_registry).parameters:
    spec = model_registry("8B", attn_backend="flex")
else:
    spec = model_registry("8B_flex")
