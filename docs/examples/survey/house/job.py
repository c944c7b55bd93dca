from torchtitan.config import JobConfig

config = JobConfig()
