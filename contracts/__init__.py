"""The contract document, what is derived from it, and how its contradictions are settled.

document = read(DEFAULT)
document.operation.path           "/mana_api/vm"
derive(document).vm               the JSON Schema of one machine
lint(document)                    where the document contradicts itself
readings(document)                what of that is left to each target
said(document)                    what else the document says of the same places
"""

from pathlib import Path

from .derive import Schemas, derive, openapi, type_only
from .document import Document, DocumentError, Field, Operation, Parameter, Place, parse, read
from .lint import Contradiction, lint
from .readings import Reading, readings, said

__all__ = [
    "DEFAULT",
    "Contradiction",
    "Document",
    "DocumentError",
    "Field",
    "Operation",
    "Parameter",
    "Place",
    "Reading",
    "Schemas",
    "derive",
    "lint",
    "openapi",
    "parse",
    "read",
    "readings",
    "said",
    "type_only",
]

DEFAULT = Path(__file__).with_name("vm_list.rst")
