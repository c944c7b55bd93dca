"""titan-lint's fixes as LibCST codemod commands."""
