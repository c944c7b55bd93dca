"""Digests that tell contents apart."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import blake2b
else:
    # `hashlib` has the same function, and loads OpenSSL first: longer than digesting a tree takes.
    try:
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b


def digest(data: bytes, size: int = 16) -> str:
    """Digest bytes.

    Args:
        data: What to digest.
        size: How many bytes the digest has; it is twice as many hexadecimal digits.
    """
    return blake2b(data, digest_size=size).hexdigest()
