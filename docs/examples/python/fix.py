"""Fix a text that lies in no file."""

import titan_lint

OLD = """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B_varlen")
"""

result = titan_lint.fix(OLD, torchtitan="0.3.0", isolated=True)
print(result.text)
for finding in result.fixed:
    print(f"fixed: {finding.message}")
