"""Fixtures that several tests share."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from objection_nlp import Model, Playbook, load_model, train

ROOT = Path(__file__).parents[1]

settings.register_profile("shared_machine", deadline=None, max_examples=60)
settings.load_profile("shared_machine")

# Two plain sentences per label, enough for a model whose answers a test can foretell.
TINY = {
    "factuur_niet_ontvangen": ("de factuur is nooit binnengekomen", "ik heb geen rekening gezien"),
    "ontevreden_product_dienst": ("de machine is kapot geleverd", "het werk is slecht gedaan"),
    "verantwoordelijke_afwezig": ("mijn baas is op vakantie", "de boekhouder is ziek thuis"),
    "dacht_nog_tijd": ("ik dacht dat ik nog dertig dagen had", "ik was het helemaal vergeten"),
    "betaling_onderweg": ("het is gisteren al overgemaakt", "de betaling staat klaar bij de bank"),
    "fout_in_factuur": ("het bedrag op de factuur klopt niet", "de btw is verkeerd berekend"),
    "zelf_niet_betaald": ("mijn klanten betalen mij ook niet", "ik wacht op de verzekering"),
    "systeemproblemen": ("ons systeem ligt plat", "de computer start niet op"),
    "cashflowprobleem": ("er is geen geld meer", "ik kan het niet missen deze maand"),
    "weigert_te_betalen": ("dat betaal ik niet", "ik weiger dit te betalen"),
    "geen_tegenwerping": ("goedemorgen met de vries", "ja prima dat is goed"),
}


def tiny_rows(groups: int = 4) -> pd.DataFrame:
    """Return the sentences of ``TINY``, said by several groups with a word of their own."""
    return pd.DataFrame(
        [
            {"text": f"{text} stem{group}", "labels": label, "group": f"stem{group}"}
            for group in range(groups)
            for label, texts in TINY.items()
            for text in texts
        ]
    )


@pytest.fixture(scope="session")
def tiny_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small labelled file."""
    path = tmp_path_factory.mktemp("data") / "tiny.csv"
    tiny_rows().to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def tiny_model_dir(tiny_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a model trained on the small file; tests must not change it."""
    path = tmp_path_factory.mktemp("model") / "tiny"
    train([tiny_csv], path)
    return path


@pytest.fixture(scope="session")
def tiny_model(tiny_model_dir: Path) -> Model:
    """Return the loaded small model."""
    return load_model(tiny_model_dir)


@pytest.fixture(scope="session")
def playbook() -> Playbook:
    """Return the packaged playbook."""
    return Playbook.load()
