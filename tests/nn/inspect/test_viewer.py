"""The page of a run: small, inert, and alive in a browser."""

import json
import shutil

import numpy as np
import pytest

import nn
from nn.inspect.timeline import UNITS, Timeline, load_timeline
from nn.inspect.viewer import CELLS
from tests.autograd.test_html import HOSTILE
from tests.nn.inspect.test_over_time import trained

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


def data_of(page):
    text = page.read_text(encoding="utf-8")
    return json.loads(text.partition('application/json">')[2].partition("</script>")[0])


@pytest.fixture
def runs(tmp_path):
    trained(tmp_path / "a.glass", sample=np.ones((1, 3)))
    trained(tmp_path / "b.glass", lr=0.2)
    return tmp_path / "a.glass", tmp_path / "b.glass"


def test_a_page_is_written_beside_the_run(runs):
    page = nn.viewer(runs[0])
    found = data_of(page)
    assert page == runs[0].with_suffix(".html") and found["difference"] is None
    assert found["runs"][0]["steps"] == [1, 2, 3, 4, 5, 6]
    assert found["runs"][0]["title"] == "a.glass"


def test_two_runs_with_their_first_difference(runs, tmp_path):
    found = data_of(nn.viewer(*runs, path=tmp_path / "page.html"))
    assert found["difference"]["step"] == 1 and found["difference"]["layer"] == "0"
    same = data_of(nn.viewer(runs[0], runs[0], path=tmp_path / "page.html"))
    assert same["difference"] is None and "no difference" in same["about"]


def large():
    """As large as a file can be: 400 steps of 100 arrays, of names that say much."""
    rng = np.random.default_rng(0)
    timeline = Timeline()
    timeline.names = [f"encoder.layers.{i}.attention.weight" for i in range(100)]
    timeline.layers, timeline.kinds = [f"encoder.layers.{i}" for i in range(50)], ["Linear"] * 50
    timeline.steps, timeline.losses = np.arange(400), rng.normal(size=400)
    timeline.statistics = rng.normal(size=(400, 100, 4))
    timeline.histograms = rng.integers(0, 255, (400, 100, 24)).astype(np.uint8)
    timeline.dead = rng.random((400, 50))
    timeline.sample_steps, timeline.sample_layers = np.arange(32), timeline.layers
    timeline.sample = rng.normal(size=(32, 50, UNITS)).astype(np.float32)
    return timeline


def test_the_largest_page_of_two_runs_is_below_3_mb(tmp_path):
    page = nn.viewer(large(), large(), path=tmp_path / "page.html")
    assert page.stat().st_size < 3_000_000
    kept = data_of(page)["runs"][0]["steps"]
    assert kept[0] == 0 and kept[-1] == 399 and len(kept) <= CELLS // 100 + 1


def test_a_run_without_a_sample_has_no_paths(runs):
    assert data_of(nn.viewer(runs[1]))["paths"] == [None]


def test_what_is_refused(tmp_path):
    with pytest.raises(TypeError, match="viewer: got a Timeline without a path"):
        nn.viewer(Timeline())
    with pytest.raises(ValueError, match="viewer: got a timeline without steps"):
        nn.viewer(Timeline(), path=tmp_path / "x.html")
    with pytest.raises(FileNotFoundError):
        nn.viewer(tmp_path / "none.glass")
    with pytest.raises(TypeError, match="viewer: got None"):
        nn.viewer(None, path=tmp_path / "x.html")
    with pytest.raises(TypeError, match="viewer: got an int"):
        nn.viewer(3, path=tmp_path / "x.html")


def test_a_page_never_replaces_a_recording(runs, tmp_path):
    before = runs[1].read_bytes()
    for call in (
        lambda: nn.viewer(runs[1], path=runs[1]),
        lambda: nn.viewer(runs[0], runs[1], path=tmp_path / "." / "b.glass"),
    ):
        with pytest.raises(ValueError, match=r"viewer: got .*b.glass as the page, which is a rec"):
            call()
    assert runs[1].read_bytes() == before
    page_like = runs[1].rename(tmp_path / "run.html")
    with pytest.raises(ValueError, match=r"expected another file; write path='page.html'"):
        nn.viewer(page_like)


def test_folders_are_refused_by_name(runs, tmp_path):
    with pytest.raises(IsADirectoryError, match="viewer: got the folder"):
        nn.viewer(tmp_path)
    with pytest.raises(IsADirectoryError, match="viewer: got the folder"):
        nn.viewer(runs[0], path=tmp_path)


def broken_run(path, value=np.nan):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    with nn.record(model, path, every=1):
        for i in range(1, 16):
            x = np.full((2, 3), value if i >= 10 else 1.0)
            model(x).sum().backward()
    return path


def test_the_step_at_which_a_run_breaks_is_told(runs, tmp_path):
    found = data_of(
        nn.viewer(broken_run(tmp_path / "nan.glass"), runs[0], path=tmp_path / "x.html")
    )
    assert found["broken"] == [{"step": 10, "text": "NaN from step 10", "what": "the loss"}, None]
    line = load_timeline("viewer", runs[0])
    line.statistics[3:, line.names.index("2.weight"), 0] = np.inf
    [broken] = data_of(nn.viewer(line, path=tmp_path / "y.html"))["broken"]
    assert broken == {"step": 4, "text": "inf from step 4", "what": "2.weight"}


def test_a_browser_marks_where_a_run_breaks(tmp_path):
    if BROWSER is None:
        pytest.skip("no browser is installed: apt install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    page_file = nn.viewer(broken_run(tmp_path / "nan.glass"))
    with sync_api.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = running.new_page()
        page.goto(page_file.as_uri())
        assert page.locator("#broken").inner_text() == "NaN from step 10, first in the loss"
        assert page.locator("#step").inner_text() == "step 15, loss NaN"
        page.select_option("#measure", "output")
        assert page.locator(".network button.broken").count() == 3
        assert page.locator("text.broken").all_text_contents() == ["NaN from step 10"] * 2
        page.evaluate("move(8)")
        assert page.locator(".network button.broken").count() == 0
        running.close()


def test_the_page_works_in_a_browser(runs, tmp_path):
    """No errors, no requests, hostile names stay text, and the slider moves everything."""
    if BROWSER is None:
        pytest.skip("no browser is installed: apt install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    hostile = load_timeline("viewer", runs[0])
    hostile.layers = [HOSTILE, *hostile.layers[1:]]
    hostile.names = [name.replace("0.", f"{HOSTILE}.", 1) for name in hostile.names]
    hostile.sample_layers = [HOSTILE, *hostile.sample_layers[1:]]
    page_file = nn.viewer(hostile, runs[1], path=tmp_path / "page.html")
    with sync_api.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = running.new_page(viewport={"width": 390, "height": 800})
        told, asked = [], []
        page.on("console", lambda note: told.append(note.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("dialog", lambda dialog: told.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(page_file.as_uri())
        assert page.locator("script").count() == 2
        assert "alert(1)" in page.locator(".network").first.inner_text()
        before = page.locator("#networks").inner_text()
        page.evaluate("move(1)")
        assert "step 2" in page.locator("#step").inner_text()
        assert page.locator("#networks").inner_text() != before
        page.locator(".network button").nth(1).click()
        assert page.locator("#layer").inner_text() == "Histograms over time: 1"
        assert page.locator("#paths button").count() == 3
        assert page.locator("#units canvas").count() == 1, "the other run has no sample"
        page.locator("#paths button").nth(2).click()
        assert "2: 1 unit" in page.locator("#units").inner_text()
        way = "document.querySelectorAll('.way:not(.later)')[2].getAttribute('d').length"
        before = page.evaluate(way)
        page.evaluate("move(steps.length - 1)")
        assert page.evaluate(way) > before
        page.locator(".network button").nth(1).click()
        for measure in ("dead", "output", "update", "weight"):
            page.select_option("#measure", measure)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.locator(".mark").count() == 2
        running.close()
    assert told == [] and asked == [page_file.as_uri()]
