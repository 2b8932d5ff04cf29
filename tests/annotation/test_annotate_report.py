"""The report: pages that stand alone, with everything escaped and evidence marked."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from objection_nlp import Model, TranscriptError, annotate
from objection_nlp.annotation import call_pages

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"
NASTY = "<script>alert(1)</script>\"'&amp;<img src=x onerror=alert(1)>"


class _Tags(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(page: Path) -> _Tags:
    tags = _Tags()
    tags.feed(page.read_text(encoding="utf-8"))
    return tags


def report(folder: Path, model: Model, *inputs: Path, force: bool = False) -> list[Path]:
    target = folder / "o.csv"
    annotate(inputs, target, model=model, html=folder / "report", force=force)
    return sorted((folder / "report").iterdir())


def test_a_page_per_call_and_an_index(tmp_path: Path, tiny_model: Model) -> None:
    pages = report(tmp_path, tiny_model, EXAMPLES / "calls.jsonl", EXAMPLES / "gesprek.txt")
    assert [page.name for page in pages] == [
        *(f"call-00000{number}.html" for number in (1, 2, 3, 4)),
        "index.html",
    ]
    index = parsed(pages[-1])
    links = [value for name, value in index.attributes if name == "href"]
    assert links == [page.name for page in pages[:-1]]
    assert "Tegenwerpingen in 4 gesprekken" in index.text
    assert "2026-W10" in index.text
    assert "Lotte Brandsma" in index.text


def test_objections_are_marked_with_guidance_beside_them(tmp_path: Path, tiny_model: Model) -> None:
    source = tmp_path / "a.txt"
    source.write_text("Klant: dat betaal ik niet\nAgent: dat betaal ik niet\n")
    page = report(tmp_path, tiny_model, source)[0].read_text()
    assert re.search(r"<mark>[^<]*betaal", page)
    assert page.count("<aside") == 1
    guidance = tiny_model.playbook.guidance("weigert_te_betalen")
    assert guidance.title in page
    assert guidance.say[0].split("'")[0] in page


def test_everything_said_is_escaped(tmp_path: Path, tiny_model: Model) -> None:
    source = tmp_path / "a.csv"
    cell = NASTY.replace('"', '""')
    source.write_text(
        "call_id,who,agent,text\n" + f'"{cell}","{cell}","{cell}","dat betaal ik niet {cell}"\n' * 2
    )
    for page in report(tmp_path, tiny_model, source):
        found = parsed(page)
        assert not found.tags & {"script", "img"}
        assert "<script>alert(1)</script>" in found.text
        assert not any(name.startswith("on") for name, _ in found.attributes)


def test_pages_need_nothing_else(tmp_path: Path, tiny_model: Model) -> None:
    for page in report(tmp_path, tiny_model, EXAMPLES / "gesprek.txt"):
        found = parsed(page)
        assert not found.tags & {"link", "script", "img", "iframe"}
        assert not re.search(r"url\(|@import|\bsrc=", page.read_text())
        assert ("name", "viewport") in found.attributes


def test_many_calls_have_an_index_in_parts(
    tmp_path: Path, tiny_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_pages, "_CALLS_PER_PAGE", 2)
    monkeypatch.setattr(call_pages, "_TURNS_PER_PAGE", 10)
    names = [
        page.name
        for page in report(tmp_path, tiny_model, EXAMPLES / "calls.csv", EXAMPLES / "gesprek.txt")
    ]
    assert sum(name.startswith("call") for name in names) == 5
    assert sum(name.startswith("index") for name in names) == 3


def test_only_a_report_is_replaced(tmp_path: Path, tiny_model: Model) -> None:
    first = report(tmp_path, tiny_model, EXAMPLES / "calls.csv", EXAMPLES / "gesprek.txt")
    assert len(first) == 5
    with pytest.raises(TranscriptError, match="exists; choose another output"):
        report(tmp_path, tiny_model, EXAMPLES / "gesprek.txt")
    again = report(tmp_path, tiny_model, EXAMPLES / "gesprek.txt", force=True)
    assert [page.name for page in again] == ["call-000001.html", "index.html"]
    (tmp_path / "report" / "mijn-aantekeningen.txt").write_text("bewaren")
    with pytest.raises(TranscriptError, match="holds other files than an earlier report"):
        report(tmp_path, tiny_model, EXAMPLES / "gesprek.txt", force=True)
    assert (tmp_path / "report" / "mijn-aantekeningen.txt").exists()


def test_a_folder_of_something_else_is_refused_before_any_work(
    tmp_path: Path, tiny_model: Model
) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "foto.png").write_bytes(b"")
    done: list[int] = []
    with pytest.raises(TranscriptError, match="holds other files"):
        annotate(
            [EXAMPLES / "gesprek.txt"],
            tmp_path / "o.csv",
            model=tiny_model,
            html=tmp_path / "report",
            force=True,
            progress=lambda turns, share: done.append(turns),
        )
    assert not done


def test_in_a_browser_on_a_phone(tmp_path: Path, tiny_model: Model) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium is installed")
    page = report(tmp_path, tiny_model, EXAMPLES / "gesprek.txt")[0]
    shot = tmp_path / "phone.png"
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=390,800"]
    subprocess.run(
        [*command, f"--user-data-dir={tmp_path}/profile", f"--screenshot={shot}", page.as_uri()],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert shot.stat().st_size > 5_000
