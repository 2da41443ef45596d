"""Places for everything in a scene."""

import itertools

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.visualize.drawn import Drawn, Options
from autograd.visualize.layout import TITLE as LETTERS
from autograd.visualize.layout import layout
from autograd.visualize.metrics import width
from autograd.visualize.scene import PLAIN, TITLE, Box, Edge, Frame, Scene
from autograd.visualize.staging import scene_of


def box(name):
    return Box(name, "computed", [(name, TITLE), ("(2, 3)", PLAIN)])


def nested(direction="LR"):
    x, a, b, y = map(box, ("x", "a", "b", "y"))
    inner = Frame("inner", "Inner", children=[b])
    loop = Frame("loop", "× 3", "loop", children=[a, inner])
    outer = Frame("outer", "Outer", children=[loop])
    edges = [Edge(x, a, "x"), Edge(a, b), Edge(b, y), Edge(b, a, loop=loop, joins=x), Edge(a, y)]
    return Scene(Frame("root", "", children=[x, outer, y]), edges, direction)


def lstm():
    ag.random.seed(0)
    return nn.LSTM(3, 5)(ag.Tensor(np.ones((6, 2, 3)), requires_grad=True))[0].sum()


def encoder():
    ag.random.seed(0)
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    return nn.TransformerEncoder(layer, 2)(ag.Tensor(np.ones((1, 4, 8)), requires_grad=True)).sum()


SCENES = {
    **{d: (lambda d=d: nested(d)) for d in ("LR", "RL", "TB", "BT")},
    "lstm": lambda: scene_of(Drawn([lstm()], Options())),
    "steps": lambda: scene_of(Drawn([lstm()], Options(fold=False))),
    "down": lambda: scene_of(Drawn([lstm()], Options(direction="TB", parts=False))),
    "encoder": lambda: scene_of(Drawn([encoder()], Options(parts=False))),
}


@pytest.fixture(params=SCENES, scope="module")
def placed(request):
    scene = SCENES[request.param]()
    return scene, layout(scene)


def inside(a, b):
    return (
        a[0] >= b[0] - 0.01
        and a[1] >= b[1] - 0.01
        and a[0] + a[2] <= b[0] + b[2] + 0.01
        and a[1] + a[3] <= b[1] + b[3] + 0.01
    )


def test_everything_is_in_its_frame(placed):
    scene, found = placed
    page = (0.0, 0.0, *found.size)
    for frame in [scene.root, *scene.root.frames()]:
        around = found.rectangles.get(frame, page)
        assert all(inside(found.rectangles[child], around) for child in frame.children)


def test_what_stands_side_by_side_does_not_overlap(placed):
    scene, found = placed
    for frame in [scene.root, *scene.root.frames()]:
        rectangles = [found.rectangles[child] for child in frame.children]
        for i, a in enumerate(rectangles):
            for b in rectangles[:i]:
                apart = a[0] >= b[0] + b[2] or b[0] >= a[0] + a[2]
                assert apart or a[1] >= b[1] + b[3] or b[1] >= a[1] + a[3]


def test_lines_begin_and_end_at_their_boxes(placed):
    scene, found = placed
    assert len(found.routes) == len(scene.edges)
    for edge, points in found.routes:
        for x, y in points:
            assert -0.1 <= x <= found.size[0] + 0.1 and -0.1 <= y <= found.size[1] + 0.1
        ends = [(edge.source, points[0]), (edge.target, points[-1])]
        for at, (x, y) in ends[: 1 if edge.joins is not None else 2]:
            left, top, w, h = found.rectangles[at]
            assert left - 0.1 <= x <= left + w + 0.1 and top - 0.1 <= y <= top + h + 0.1


def test_lines_pass_through_no_box(placed):
    """Straight pieces lie in no box; curves are in the gaps between columns alone."""
    scene, found = placed
    boxes = [found.rectangles[b] for b in scene.root.boxes()]
    for _, points in found.routes:
        for (x, y), (u, v) in itertools.pairwise(points):
            if abs(x - u) > 0.1 and abs(y - v) > 0.1:
                continue
            for left, top, w, h in boxes:
                hits = max(min(x, u), left + 1) < min(max(x, u), left + w - 1) or (
                    abs(x - u) < 0.1 and left + 1 < x < left + w - 1
                )
                level = max(min(y, v), top + 1) < min(max(y, v), top + h - 1) or (
                    abs(y - v) < 0.1 and top + 1 < y < top + h - 1
                )
                assert not (hits and level)


def test_a_direction_turns_the_picture():
    x = {d: layout(nested(d)) for d in ("LR", "RL", "TB", "BT")}
    ends = {}
    for direction, found in x.items():
        scene_boxes = {b.name: r for b, r in found.rectangles.items() if isinstance(b, Box)}
        ends[direction] = scene_boxes["x"][:2], scene_boxes["y"][:2]
    assert ends["LR"][0][0] < ends["LR"][1][0] and ends["RL"][0][0] > ends["RL"][1][0]
    assert ends["TB"][0][1] < ends["TB"][1][1] and ends["BT"][0][1] > ends["BT"][1][1]


def test_an_empty_scene():
    assert layout(Scene(Frame("root", ""))).size == (18.0, 18.0)


@pytest.mark.parametrize("direction", ["TB", "BT"])
def test_lines_that_run_down_pass_beside_the_titles_of_frames(direction):
    ag.random.seed(0)
    net = nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(), nn.Linear(8, 2))
    root = net(ag.Tensor(np.ones((4, 3)), requires_grad=True, name="x")).sum()
    scene = scene_of(Drawn([root], Options(direction=direction)))
    geometry = layout(scene)
    for frame in scene.root.frames():
        x, y, _, _ = geometry.rectangles[frame]
        right = x + 9.0 + width(frame.title, LETTERS)
        for _, points in geometry.routes:
            for (a, b), (c, d) in itertools.pairwise(points):
                crosses = min(b, d) < y + 14.0 and max(b, d) > y + 4.0
                assert not (crosses and x < min(a, c) and max(a, c) < right), frame.title


def test_a_small_network_fits_a_slide():
    """Letters of 11 pixels are read from afar if the picture is not much wider than 1,600."""
    ag.random.seed(0)
    x = ag.Tensor(np.linspace(-1.0, 1.0, 12).reshape(4, 3), requires_grad=True, name="x")
    loss = nn.cross_entropy(nn.MLP([3, 8, 8, 2])(x), [0, 1, 1, 0])
    loss.backward()
    wide, high = layout(scene_of(Drawn([loss], Options()))).size
    assert wide < 1650.0 and high < 900.0
