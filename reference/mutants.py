"""The mutants: the service with one fault each, by which a judge of it is judged. In the order of the clauses' areas.

mutant              what a mutant is, and where a fault can sit
mutants_headers     ... mutants_properties: the mutants, a module for each part of the service that goes wrong
"""

from collections.abc import Mapping
from difflib import get_close_matches

from reference import (
    mutants_auth,
    mutants_body,
    mutants_errors,
    mutants_fields,
    mutants_headers,
    mutants_methods,
    mutants_paging,
    mutants_params,
    mutants_properties,
    mutants_scope,
    mutants_stability,
)
from reference.mutant import Mutant

AREAS = (
    mutants_headers,
    mutants_body,
    mutants_fields,
    mutants_params,
    mutants_auth,
    mutants_paging,
    mutants_errors,
    mutants_scope,
    mutants_methods,
    mutants_stability,
    mutants_properties,
)

MUTANTS: tuple[Mutant, ...] = tuple(mutant for area in AREAS for mutant in area.MUTANTS)

NAMED: Mapping[str, Mutant] = {mutant.name: mutant for mutant in MUTANTS}


def named(name: str) -> Mutant:
    """The mutant of this name. Raises ValueError, with a sentence that has names like it, for a name that none has."""
    if name in NAMED:
        return NAMED[name]
    near = " or ".join(get_close_matches(name, NAMED))
    raise ValueError(f"there is no mutant {name!r}; {f'is {near} meant?' if near else '--list-mutants lists them'}")
