"""Keys of tests: what the environment of a service under test holds, and the sealer they make."""

from shared.sealing import INDEX_KEY, KEYS, Sealer, new_key

SEALING_ENVIRONMENT = {KEYS: new_key(), INDEX_KEY: new_key()}
SEALER = Sealer.from_environment(SEALING_ENVIRONMENT)
