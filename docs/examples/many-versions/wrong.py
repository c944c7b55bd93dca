from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="flex")
