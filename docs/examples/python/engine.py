from torchtitan.config import JobConfig
from torchtitan.models.llama3 import model_registry


def build(config: JobConfig):
    return model_registry("8B_varlen")
