"""Scenes: boxes in frames."""

from autograd.visualize.scene import Box, Frame, Scene


def test_boxes_and_frames_in_order():
    a, b, c = (Box(name, "computed", []) for name in "abc")
    inner = Frame("inner", "", children=[b])
    outer = Frame("outer", "", children=[a, inner])
    scene = Scene(Frame("root", "", children=[outer, c]))
    assert list(scene.root.boxes()) == [a, b, c]
    assert list(scene.root.frames()) == [outer, inner]
    assert Scene(Frame("root", "")).direction == "LR"


def test_deep_frames_need_no_recursion():
    root = at = Frame("root", "")
    for i in range(5000):
        at.children.append(Frame(str(i), ""))
        at = at.children[0]
    assert len(list(root.frames())) == 5000 and list(root.boxes()) == []
