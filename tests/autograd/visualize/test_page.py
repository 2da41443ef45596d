"""The page that plays a pass: what it holds, and in a browser what it shows."""

import ast
import html.parser
import json
import re
import shutil

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.debug.replay import replay
from autograd.visualize.page import rule_text
from autograd.visualize.scene import Frame, Scene

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
HOSTILE = "</script><img src=x onerror=alert(1)>&<b>"


def expression():
    with ag.record_lines():
        a, b, c = ag.Value(2.0, name="a"), ag.Value(-3.0, name="b"), ag.Value(10.0, name="c")
        y = ((a * b + c) / 4.0).tanh() + a
    return y, (a, b, c)


def model():
    ag.random.seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.Tanh(), nn.Linear(4, 2)))
    with ag.record_lines():
        return nn.CrossEntropyLoss()(net(np.ones((5, 3))), [0, 1, 1, 0, 1])


def data_of(text):
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.DOTALL)
    return json.loads(found[1])


def test_the_page_is_one_file_that_asks_for_nothing():
    text = ag.draw(model()).html("a title & more")
    assert "<title>a title &amp; more</title>" in text and "{{" not in text
    assert (
        not re.search(r'(src|href)\s*=\s*"(?!#)', text)
        and "@import" not in text
        and "fetch(" not in text
    )
    assert "default-src 'none'" in text


def test_events_are_the_engines_passes():
    y, (a, *_) = expression()
    data = data_of(ag.draw(y).html())
    names = [n["name"] for n in data["nodes"]]
    forward = [e for e in data["events"] if e["phase"] == "forward"]
    backward = [e for e in data["events"] if e["phase"] == "backward"]
    assert [e["operation"] for e in forward] == ["mul", "add", "div", "tanh", "add"]
    assert float(forward[-1]["value"]["exact"]) == y.data
    found = replay(y)
    assert [float(e["cotangent"]["exact"]) for e in backward] == [s.cotangent for s in found.steps]
    mul = next(e for e in backward if e["operation"] == "mul")
    first = mul["contributions"][0]
    assert (first["rule"], first["count"], first["of"]) == ("g * y", 2, 2)
    assert ast.literal_eval(first["sum"]["exact"]) == found.gradient(a)
    assert first["numbers"].endswith("* (-3)") and names[first["to"]] == "a"
    assert forward[0]["line"]["text"] == "y = ((a * b + c) / 4.0).tanh() + a"


def test_sums_down_to_a_shape_are_told():
    backward = [e for e in data_of(ag.draw(model()).html())["events"] if e["phase"] == "backward"]
    notes = {c["name"]: c["unbroadcast"] for e in backward for c in e["contributions"]}
    assert notes["0.bias"].startswith("summed from (5, ") and notes["0.weight"] == ""


def test_levels_close_and_open_modules():
    data = data_of(ag.draw(model()).html())
    assert [level["label"] for level in data["levels"]] == [
        "depth 1",
        "depth 2",
        "all open",
        "all operations",
    ]
    sizes = [len(set(level["ids"].values())) for level in data["levels"]]
    assert sizes == sorted(set(sizes)), "each level shows more than the one before"
    assert all(len(level["ids"]) == len(data["nodes"]) for level in data["levels"])


def test_the_pictures_of_a_page_are_bounded():
    net = nn.Linear(2, 2)
    for _ in range(8):
        net = nn.Sequential(net, nn.Sequential(nn.Tanh(), nn.Linear(2, 2)))
    data = data_of(ag.draw(net(np.ones((1, 2))).sum()).html())
    labels = [level["label"] for level in data["levels"]]
    assert labels == ["depth 1", "depth 2", "depth 3", "depth 4", "all open"]


def test_rules_with_numbers_come_from_the_same_tree_each_time():
    y, _ = expression()
    first, second = (data_of(ag.draw(y).html())["events"] for _ in range(2))
    assert first == second and rule_text(ag.primitives.PRIMITIVES["mul"], 0) == "g * y"


def test_rules_as_text():
    table = ag.primitives.PRIMITIVES
    assert rule_text(table["div"], 0) == "g / y" and rule_text(table["exp"], 0) == "g * out"
    assert rule_text(table["matmul"], 0) == "unbroadcast(g @ y.mT, x.shape)"
    assert rule_text(table["prod"], 0) == "prod_rule(g, out, x)"
    assert rule_text(table["where"], 0) == ""
    own = ag.Primitive("own", lambda x: x * 2.0, lambda g, out, x: g * 2.0, elementwise=True)
    assert rule_text(own, 0) == "g * 2.0"
    assert all(rule_text(op, 0) for op in table.values() if op.variadic or op.rules[0] is not None)


def test_hostile_names_are_text():
    x = ag.Value(1.0, name=HOSTILE)
    text = ag.draw(x * x).html(HOSTILE)
    seen = []

    class Tags(html.parser.HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.append(tag)

    Tags().feed(text)
    assert "img" not in seen and seen.count("script") == 2
    assert data_of(text)["nodes"][0]["name"] == HOSTILE


def test_what_cannot_be_played():
    with pytest.raises(ag.RenderError, match="holds no nodes"):
        ag.Drawing(Scene(Frame("root", ""))).html()
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    assert {e["phase"] for e in data_of(ag.draw(x * 2.0).html())["events"]} == {"forward"}


def test_saved_by_its_suffix(tmp_path):
    y, _ = expression()
    path = ag.draw(y).save(tmp_path / "loss.html")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


# --- in a browser ---


@pytest.fixture(scope="module")
def browser():
    if BROWSER is None:
        pytest.skip("no browser is installed: apt install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def opened(browser, tmp_path):
    pages = []

    def open_(drawing, asks=False, **options):
        path = drawing.save(tmp_path / f"page{len(pages)}.html")
        page = browser.new_page(**options)
        page.errors, page.asked = [], []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("dialog", lambda dialog: page.errors.append(dialog.message))
        page.on("console", lambda note: page.errors.append(note.text))
        page.goto(path.as_uri())
        pages.append(page)
        if not asks:  # results are there at once, as most tests want to see them
            page.evaluate("document.getElementById('ask').click()")
        return page

    yield open_
    for page in pages:
        assert page.errors == [] and len(page.asked) == 1
        page.close()


def exact(page, key):
    return float(page.locator(f'dd[data-key="{key}"]').get_attribute("data-exact"))


def test_buttons_keys_and_the_numbers_of_the_engine(opened):
    y, (a, b, c) = expression()
    page = opened(ag.draw(y))
    assert page.locator("#phase").text_content() == "forward"
    assert exact(page, "result") == -6.0
    page.click("#next")
    assert exact(page, "result") == 4.0 and page.locator(".node.now").count() == 1
    page.keyboard.press("ArrowLeft")
    assert exact(page, "result") == -6.0
    page.click("#backward")
    assert page.locator("#phase").text_content() == "backward" and exact(page, "gradient") == 1.0
    page.click("#last")
    y.backward()
    grads = {}
    while page.locator("#phase").text_content() == "backward":
        grads[page.locator("#operation").text_content()] = exact(page, "gradient")
        page.keyboard.press("ArrowLeft")
    assert {name: grads[name] for name in "abc"} == {v.name: v.grad for v in (a, b, c)}
    assert page.locator("#line").text_content().endswith("tanh() + a")
    page.keyboard.press("End")
    assert page.locator("#count").text_content() == "13 of 13"
    assert "backward, step 13 of 13" in page.locator("#said").text_content()


def test_playing_and_pausing(opened):
    y, _ = expression()
    page = opened(ag.draw(y))
    page.select_option("#speed", "250")
    page.keyboard.press("Space")
    assert page.locator("#play").get_attribute("aria-label") == "Pause"
    for _ in range(100):
        page.wait_for_timeout(50)
        if page.evaluate("window.player.at") >= 2:
            break
    else:
        pytest.fail("it did not play")
    page.click("#play")
    at = page.evaluate("window.player.at")
    page.wait_for_timeout(600)
    assert page.evaluate("window.player.at") == at


def test_a_closed_box_shows_the_gradient_of_the_value_it_shows(opened):
    loss = model()
    page = opened(ag.draw(loss))
    page.click("#last")
    box = page.locator(".picture:not([hidden]) .node", has_text="CrossEntropyLoss")
    assert box.locator(".badge").text_content() == "∂ 1"


def test_gradients_add_up_at_a_fan_out_before_ones_eyes(opened):
    x = ag.Value(3.0, name="x")
    page = opened(ag.draw(x * x + x))
    page.click("#backward")
    assert "sum so far (1 of 3): 1" in page.locator("#contributions").text_content()
    page.click("#next")
    text = page.locator("#contributions").text_content()
    assert "sum so far (2 of 3): 4" in text and "sum so far (3 of 3): 7" in text
    assert page.locator(".badge", has_text="∂ 7").count() == 1


def test_modules_open_on_a_click_and_by_the_keyboard(opened):
    page = opened(ag.draw(model()))
    before = page.locator(".picture:not([hidden]) .node").count()
    page.locator(".picture:not([hidden]) .node.closed").first.click()
    assert page.evaluate("window.player.level") == 1
    page.locator(".picture:not([hidden]) .node.closed").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.player.level") == 2
    assert page.locator(".picture:not([hidden]) .node").count() > before
    page.select_option("#level", "0")
    assert page.evaluate("window.player.level") == 0


def test_search_zoom_and_pan(opened):
    page = opened(ag.draw(model()))
    page.select_option("#level", "2")
    page.keyboard.press("/")
    page.keyboard.type("tanh")
    assert page.locator("#found").text_content() == "1 found"
    assert page.locator(".picture:not([hidden]) .node.found").count() == 1
    page.keyboard.press("Enter")
    assert page.locator("#operation").text_content().endswith("tanh 1")
    scale = page.evaluate("window.player.scale")
    page.locator("#stage").focus()
    page.keyboard.press("+")
    assert page.evaluate("window.player.scale") == pytest.approx(scale * 1.25)
    x = page.evaluate("window.player.x")
    box = page.locator("#stage").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 50)
    page.mouse.up()
    assert page.evaluate("window.player.x") == pytest.approx(x + 60)


def test_hostile_names_do_nothing_in_a_browser(opened):
    x = ag.Value(1.0, name=HOSTILE)
    page = opened(ag.draw(x * x))
    page.click("#last")
    assert page.locator("#operation").text_content() == HOSTILE
    assert page.locator("img").count() == 0


def test_it_fits_a_phone_and_every_control_has_a_name(opened):
    page = opened(ag.draw(model()), asks=True, viewport={"width": 390, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    panel, stage = page.locator("#panel").bounding_box(), page.locator("#stage").bounding_box()
    assert panel["y"] >= stage["y"] + stage["height"] - 1 and stage["height"] > 150
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button')].filter(b => !b.getAttribute('aria-label')).length"
        " + [...document.querySelectorAll('input, select')].filter(e => !e.labels.length && !e.getAttribute('aria-label')).length"
    )
    assert unnamed == 0
    sizes = page.evaluate("[...document.querySelectorAll('button')].map(b => b.offsetHeight)")
    assert min(sizes) >= 44


# --- computing in the page ---


def box_text(page, title):
    boxes = page.locator(".picture:not([hidden]) .node")
    return boxes.filter(has=page.locator(f"text.title >> text='{title}'")).first.text_content()


def test_values_that_the_pass_has_not_reached_are_not_shown(opened):
    y, _ = expression()
    y.backward()  # a drawing would show the gradients
    page = opened(ag.draw(y))
    assert "value −6" in box_text(page, "×") and "value ?" in box_text(page, "tanh")
    assert "= 0.9" not in page.locator("#canvas").text_content(), "nor does a tooltip"
    assert (
        page.locator(".badge").count() == 0 and "grad" not in page.locator("#canvas").inner_text()
    )
    page.click("#last")
    assert "?" not in page.locator("#canvas").text_content()


def test_nothing_gives_the_ending_away(opened):
    """Each step shows its rule first, and nothing that is computed from it is on the page."""
    y, _ = expression()
    y.backward()
    page = opened(ag.draw(y), asks=True)
    result, question = page.locator('dd[data-key="result"]'), page.locator("#question")
    for value in ("-6", "4", "1", "0.7616", "2.762"):
        assert result.text_content() == "?" and question.is_visible()
        assert "value ?" in page.locator(".node.now").text_content()
        assert value.replace("-", "−") not in page.locator(".node.now").text_content()
        page.click("#reveal")
        shown = value.replace("-", "−")
        assert result.text_content() == shown and question.is_hidden()
        page.click("#next")
    assert page.locator("#phase").text_content() == "backward"
    assert page.locator("#asked").text_content() == "What does each argument get?"
    page.click("#backward")
    for _ in range(5):
        given = page.locator("#contributions")
        assert "= ?" in given.text_content() and given.locator("code").first.text_content()
        shown = page.locator(".badge").count()
        page.keyboard.press("ArrowRight")
        assert "?" not in given.text_content() and page.locator(".badge").count() > shown
        page.keyboard.press("ArrowRight")


def test_what_was_asked_for_is_shown_at_once(opened):
    y, (a, *_) = expression()
    y.backward()
    page = opened(ag.draw(y), asks=True)
    page.click("#last")
    assert page.locator("#question").is_hidden() and exact(page, "gradient") == a.grad
    page.click("#first")
    assert page.locator("#question").is_visible()
    page.uncheck("#ask")
    assert page.locator("#question").is_hidden() and exact(page, "result") == -6.0
    page.keyboard.press("ArrowRight")
    assert exact(page, "result") == 4.0


def test_parameters_go_by_their_paths_and_closed_boxes_say_what_is_inside(opened):
    page = opened(ag.draw(model()))
    legends = page.locator("fieldset legend").all_text_contents()
    assert legends[:4] == ["0.weight", "0.bias", "1.1.weight", "1.1.bias"]
    assert page.locator("#symbol").text_content() == "x Wᵀ"
    assert page.locator("#where").text_content() == "in module 0, in the box “0”"
    page.select_option("#level", "2")
    page.click("#first")
    assert page.locator("#where").text_content() == "in module 0"
    page.click("#last")
    assert page.locator("#formula").text_content() == "parameter"


def test_arrows_turn_round_in_the_backward_pass(opened):
    y, _ = expression()
    page = opened(ag.draw(y))
    heads = (
        "[...document.querySelectorAll('.edge polygon')].filter(e => e.checkVisibility()).length"
    )
    edges = page.locator(".edge").count()
    assert page.evaluate(heads) == edges and page.locator(".tail").count() == 0
    page.click("#backward")
    assert page.evaluate(heads) == edges == page.locator(".tail").count()
    assert page.locator(".edge polygon:not(.tail)").first.is_hidden()
    page.click("#first")
    assert page.locator(".tail").first.is_hidden()


def test_a_number_that_is_typed_or_dragged_changes_both_passes(opened):
    y, _ = expression()
    page = opened(ag.draw(y))
    page.get_by_label("a", exact=True).fill("1.5")
    a, b, c = ag.Value(1.5), ag.Value(-3.0), ag.Value(10.0)
    again = ((a * b + c) / 4.0).tanh() + a
    again.backward()
    assert exact(page, "gradient") in {v.grad for v in (a, b, c)}
    assert f"loss {again.data:.4g}" == page.locator("#loss").text_content()
    assert f"value {again.data:.4g}" in page.locator(".node.result").text_content()
    slider = page.get_by_label("a, drag")
    slider.focus()
    slider.press("End")
    assert "value 3" in box_text(page, "a")
    page.click("#reset")
    assert f"loss {y.data:.4g}" == page.locator("#loss").text_content()


def test_what_was_detached_follows(opened):
    x = ag.Tensor([0.5, 1.0], requires_grad=True, name="x")
    page = opened(ag.draw(((2.0 * x).detach() * x).sum()))
    page.get_by_label("x, entry 0").fill("2")
    assert page.evaluate("[...gradientOf(0).data]") == [4.0, 2.0]
    x = ag.Tensor([0.5, 1.0], requires_grad=True, name="x")
    page = opened(ag.draw((2.0 * x.detach() * x).sum()))
    assert "does not compute: an argument of mul was computed" in page.locator("#note").inner_text()


def test_a_comma_is_a_point_and_texts_are_no_numbers(opened):
    x = ag.Tensor([0.5, 1.0], requires_grad=True, name="x")
    page = opened(ag.draw((x * x).sum()))
    field = page.get_by_label("x, entry 0")
    for text, value in (("1,5", 1.5), ("−2", -2.0), ("1,5,2", -2.0), ("abc", -2.0), ("", -2.0)):
        field.fill(text)
        assert page.evaluate("arrayOf(0).data[0]") == value
        assert field.get_attribute("aria-invalid") == str(value == -2.0 and text != "−2").lower()


NUMBERS = [[1.0, -0.0, 1e-7], [0.1 + 0.2, 1e22, np.inf], [-2.5, np.nan, 123456789.0]]


def test_exact_texts_are_those_of_python(opened):
    """Before and after an edit."""
    page = opened(ag.draw((ag.Tensor(NUMBERS, requires_grad=True, name="x") * 2.0).sum()))
    for data in (np.array(NUMBERS), np.array([[[True, False]]]), np.arange(4), np.array(-3.0)):
        numbers = [str(v) for v in np.asarray(data, float).ravel().tolist()]
        listed = ", ".join(numbers).replace("inf", "Infinity").replace("nan", "NaN")
        made = f"interpreter.make([{listed}], {list(data.shape)}, '{data.dtype}')"
        assert page.evaluate(f"texts({made}).exact") == repr(data.tolist())


def test_the_norm_of_a_gradient_has_the_digits_of_the_picture(opened):
    g = np.array([-356.473837, -177.045025, -244.457553, -220.051754, -246.482178, -273.902378])
    x = ag.Tensor(np.arange(6.0), requires_grad=True, name="x")
    loss = (x * g).sum()
    page = opened(ag.draw(loss))
    page.click("#last")
    assert "‖∂‖ 634.3" in page.locator(".badge").all_text_contents()
    page.get_by_label("x, entry 0").fill("2")
    assert "‖∂‖ 634.3" in page.locator(".badge").all_text_contents()


def test_gradient_descent_in_the_page_is_that_of_python(opened):
    ag.random.seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    x, target = np.linspace(-1.0, 1.0, 15).reshape(5, 3), [0, 1, 1, 0, 1]
    page = opened(ag.draw(nn.CrossEntropyLoss()(net(x), target)))
    optimizer = nn.optim.SGD(net.parameters(), lr=0.5)
    losses = []
    for _ in range(4):
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(net(x), target)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    page.fill("#rate", "0.5")
    for expected in losses[1:]:
        page.click("#descend")
        assert page.evaluate("window.player.machine.loss()") == pytest.approx(expected, rel=1e-12)
    assert page.locator("#curve polyline").get_attribute("points").count(",") == 4
    page.click("#train")
    for _ in range(200):
        page.wait_for_timeout(50)
        if page.evaluate("window.player.machine.loss()") < 0.9 * losses[-1]:
            break
    else:
        pytest.fail("it did not train")
    page.click("#train")
    assert page.locator("#train").get_attribute("aria-label") == "Train"


def test_a_graph_that_the_page_cannot_compute_plays_and_says_why(opened):
    x = ag.Tensor(np.eye(2) * 2.0, requires_grad=True, name="x")
    page = opened(ag.draw(ag.linalg.inv(x).sum()))
    assert "inv is a decomposition" in page.locator("#note").text_content()
    assert page.locator("#training").is_hidden()
    page.click("#last")
    assert "backward" in page.locator("#said").text_content()


def test_a_large_picture_opens_readable_and_the_current_node_stays_in_view(opened):
    x = ag.Value(0.5, name="x")
    y = x
    for _ in range(40):
        y = (y * x).tanh()
    page = opened(ag.draw(y, fold=False), color_scheme="dark")
    inside = """() => {
      const node = document.querySelector('.picture:not([hidden]) .node.now').getBoundingClientRect();
      const stage = document.getElementById('stage').getBoundingClientRect();
      return node.left >= stage.left && node.right <= stage.right && node.top >= stage.top;
    }"""
    for _ in range(30):
        assert page.evaluate("window.player.scale") >= 0.7 and page.evaluate(inside)
        page.keyboard.press("ArrowRight")
    paper = page.locator(".paper").first.evaluate("e => getComputedStyle(e).fill")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ground == "rgb(18, 23, 28)"


def test_data_can_change_and_conditions_of_python_follow(opened):
    x = ag.Tensor([[1.0, -2.0, 0.5]], requires_grad=True, name="x")
    p = ag.softmax(x * np.array([[1.0, 2.0, 3.0]]), axis=1)
    root = (ag.where(x > 0, p, 0.1) * ag.Tensor([[1.0, 0.0, 2.0]])).sum()
    page = opened(ag.draw(root, parts=False))
    assert (
        page.locator("#note")
        .text_content()
        .startswith("Numbers that the program took out of the graph")
    )
    fields = page.locator("fieldset legend").all_text_contents()
    assert fields[0] == "x" and len(fields) == 2, "the shift of the softmax follows x"
    page.get_by_label("x, entry 2").fill("−400")
    x = ag.Tensor([[1.0, -2.0, -400.0]])
    p = ag.softmax(x * np.array([[1.0, 2.0, 3.0]]), axis=1)
    again = (ag.where(x > 0, p, 0.1) * np.array([[1.0, 0.0, 2.0]])).sum().item()
    assert page.evaluate("window.player.machine.loss()") == pytest.approx(again, rel=1e-12)


def test_a_printed_page_is_light_and_holds_picture_and_panel_whole(opened):
    page = opened(ag.draw(model(), parts=False), color_scheme="dark")
    page.select_option("#level", "2")
    page.click("#last")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)" and page.locator("#live").is_hidden()
    picture = page.locator(".picture:not([hidden]) svg").bounding_box()
    panel = page.locator("#panel").bounding_box()
    assert picture["x"] >= 0 and picture["x"] + picture["width"] <= 794
    assert picture["width"] > 600 and panel["y"] >= picture["y"] + picture["height"]
    full = page.evaluate("[document.documentElement.scrollWidth, document.body.scrollHeight]")
    assert full[0] <= 794 and full[1] >= panel["y"] + panel["height"] - 1
