"""Which nodes of a drawing stand in which box or frame, and which boxes are folded into one."""

import numpy as np

import autograd as ag
import nn
from autograd.visualize.clusters import Clusters, consumers_of, inputs_of


def clustered(model, depth, shape=(2, 3)):
    y = model(ag.Tensor(np.ones(shape), requires_grad=True, name="x"))
    nodes = ag.ancestors([y])
    return nodes, Clusters(nodes, [y], depth)


def paths(boxes):
    return sorted(box.scope.path for box in boxes)


def by_name(nodes, name):
    return next(node for node in nodes if node.name == name)


MODEL = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.ReLU(), nn.Linear(4, 4)), nn.Linear(4, 1))


def test_with_all_modules_open_every_node_has_the_frame_of_its_call():
    nodes, clusters = clustered(MODEL, None)
    assert clusters.boxes == {} and clusters.box_of == {}
    relu = next(node for node in nodes if node.op is not None and node.op.name == "relu")
    assert clusters.frame_of[relu].path == "1.0"
    assert by_name(nodes, "x") not in clusters.frame_of


def test_depth_chooses_the_boxes():
    assert paths(clustered(MODEL, 0)[1].boxes.values()) == [""]
    assert paths(clustered(MODEL, 1)[1].boxes.values()) == ["0", "1", "2"]
    assert paths(clustered(MODEL, 2)[1].boxes.values()) == ["0", "1.0", "1.1", "2"]
    assert paths(clustered(MODEL, 9)[1].boxes.values()) == ["0", "1.0", "1.1", "2"]


def test_a_box_knows_its_nodes_parameters_and_outputs():
    nodes, clusters = clustered(MODEL, 1)
    first, second, last = clusters.boxes.values()
    assert [p.shape for p in first.parameters] == [(4, 3), (4,)]
    assert [p.shape for p in second.parameters] == [(4, 4), (4,)]
    assert "relu" in [node.op.name for node in second.nodes]
    assert last.outputs == [nodes[-1]] and first.outputs == [first.nodes[-1]]
    assert by_name(nodes, "x") not in clusters.box_of  # an input stands outside


def test_parameters_carry_the_path_of_their_user():
    nodes, clusters = clustered(MODEL, None)
    leaves = {p: clusters.path_of[p] for p in nodes if p in clusters.path_of}
    assert {(path, p.shape) for p, path in leaves.items()} == {
        ("0", (4, 3)), ("0", (4,)), ("1.1", (4, 4)), ("1.1", (4,)), ("2", (1, 4)), ("2", (1,)),
    }  # fmt: skip


def test_a_parameter_of_two_modules_stands_in_the_call_they_share():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)
            self.b.weight = self.a.weight

        def forward(self, x):
            return self.b(self.a(x))

    model = nn.Sequential(Tied())
    nodes, clusters = clustered(model, None)
    weight = next(node for node in nodes if node.shape == (3, 3))
    assert clusters.frame_of[weight].path == "0" and clusters.path_of[weight] == "0"
    _, clusters = clustered(model, 2)
    assert [len(box.parameters) for box in clusters.boxes.values()] == [1, 1]


def test_parts_are_closed_where_that_is_asked_for():
    x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    with ag.part("energy"):
        y = (x * x).sum()
    nodes = ag.ancestors([y])
    assert Clusters(nodes, [y], None).boxes == {}
    [box] = Clusters(nodes, [y], None, closes_parts=True).boxes.values()
    assert [n.op.name for n in box.nodes] == ["mul", "sum"] and box.outputs == [y]
    assert box.scope.name == "energy" and box.scope.is_part


def test_a_part_does_not_open_its_module():
    class Layer(nn.Module):
        def forward(self, x):
            with ag.part("inside"):
                return x * 2.0

    y = Layer()(ag.Tensor([1.0], requires_grad=True))
    [box] = Clusters(ag.ancestors([y]), [y], 3, closes_parts=True).boxes.values()
    assert box.scope.kind == "Layer"


def test_a_constant_with_a_name_stands_beside_the_part_that_uses_it():
    x = ag.Tensor([1.0], requires_grad=True)
    known, hidden = ag.Tensor([2.0], name="data"), ag.Tensor([3.0])
    with ag.part("p"):
        y = x * known + hidden
    clusters = Clusters(ag.ancestors([y]), [y], None, closes_parts=True)
    assert hidden in clusters.box_of and known not in clusters.box_of


def test_data_with_a_name_stands_beside_the_closed_module_that_uses_it():
    x = ag.Tensor(np.ones((2, 3)), name="x")
    y = MODEL(x)
    for depth in (0, 1):
        clusters = Clusters(ag.ancestors([y]), [y], depth)
        assert x not in clusters.box_of and MODEL[0].weight in clusters.box_of


def test_inputs_and_users():
    x = ag.Value(3.0)
    y = x * 2.0
    assert list(inputs_of(y)) == [(x, 3.0), (None, 2.0)]
    assert consumers_of([x, y])[x] == [y] and consumers_of([x, y])[y] == []
