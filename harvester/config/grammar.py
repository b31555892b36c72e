"""What other rooms decide of the settings (sources, sections of a digest, vocabularies), handed in from above."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import create_model

from harvester.config.settings import Settings, SourceSettings, SourcesSettings
from harvester.config.yaml_lines import Place


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """What the rooms above decide of the file's grammar."""

    sources: Mapping[str, tuple[type[SourceSettings], bool]]  # form of each section; True: it is a list of such
    papers_from: Collection[str]  # the sections of which at least one must be there
    sections: Sequence[str]  # of a digest, in their usual order
    fixed_sections: Sequence[str]  # those that always appear
    list_vocabularies: Callable[[], Sequence[str]]
    find_faults: Callable[[Settings], Iterable[tuple[Place, str]]]  # what only those who use settings can find in them

    @cached_property
    def model(self) -> type[Settings]:
        """The form of the whole file."""
        fields: dict[str, Any] = {
            name: (tuple[form, ...], ()) if is_list else (form | None, None)  # type: ignore[valid-type]
            for name, (form, is_list) in self.sources.items()
        }
        sources = create_model("SourcesSettings", __base__=SourcesSettings, **fields)
        return create_model("Settings", __base__=Settings, sources=(sources, ...))
