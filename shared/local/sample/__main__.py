"""Write `deploy/sample/` again: `python -m shared.local.sample`."""

from shared.local.sample import FOLDER
from shared.local.sample.files import generate

FOLDER.mkdir(parents=True, exist_ok=True)
for name, data in generate().items():
    (FOLDER / name).write_bytes(data)
