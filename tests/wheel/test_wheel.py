"""The installed wheel alone: its model, its command, without network."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

import objection_nlp

EXAMPLE = "Die rekening is hier nooit binnengekomen hoor."


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("the network was called")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_the_package_is_not_the_checkout() -> None:
    where = Path(objection_nlp.__file__)
    assert "site-packages" in where.parts or (where.parents[2] / "models").is_dir()
    assert (where.parent / "py.typed").is_file()


@pytest.mark.usefixtures("no_network")
def test_it_answers_offline() -> None:
    response = objection_nlp.predict_response(EXAMPLE)
    assert response.label == "factuur_niet_ontvangen" and not response.abstained
    assert response.guidance.title == "Factuur niet ontvangen"


@pytest.mark.usefixtures("no_network")
def test_the_model_with_an_encoder_is_inside() -> None:
    model = objection_nlp.load_model("semantic")
    assert model.scorer.encoder is not None
    response = objection_nlp.predict_response(EXAMPLE, model=model)
    assert response.label == "factuur_niet_ontvangen" and response.evidence


def test_the_command_is_installed() -> None:
    command = Path(sys.executable).with_name("objection-nlp")
    done = subprocess.run([command, "predict", EXAMPLE], capture_output=True, text=True)
    assert done.returncode == 0 and "factuur_niet_ontvangen" in done.stdout


def test_every_public_name_is_there() -> None:
    for name in objection_nlp.__all__:
        assert getattr(objection_nlp, name) is not None
    assert set(objection_nlp.__all__) <= set(dir(objection_nlp))
