"""The pages of the playground: what is written, and that each one computes."""

import json
import re

import pytest

from demos import playground
from demos.__main__ import main


def test_it_writes_a_page_for_each_network_and_an_index(tmp_path, capsys):
    assert main(["playground", "--out", str(tmp_path)]) == 0
    folder = tmp_path / "playground"
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'href="([^"]+)"', index) == [f"{name}.html" for name in playground.PAGES]
    for name in playground.PAGES:
        text = (folder / f"{name}.html").read_text(encoding="utf-8")
        found = re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.S)
        data = json.loads(found[1])
        assert "reason" not in data and data["recipe"]["root"] is not None, name
        assert any(node["trained"] for node in data["nodes"]), name
        assert len(text) < 300_000, name
    assert "7 pages" in capsys.readouterr().out


def test_a_folder_that_cannot_be_made_is_reported(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["playground", "--out", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.startswith("demos: --out")
    with pytest.raises(SystemExit):
        main(["playground", "--size", "3"])
